//! Limits that the kernel keeps for each process alone, kept here for all processes of a job together.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use crate::proc_stat::{self, Process};
use crate::{JobStatus, Limits};

/// How often is looked.
pub(super) const EVERY: Duration = Duration::from_millis(25);

/// Every so many looks the slower ones are made too.
const SLOWER: u32 = 20;

/// When a watch is over: as soon as the other end is dropped.
#[derive(Debug)]
pub(super) struct Until(Receiver<()>);

impl Until {
    /// The end to drop, and the one to ask.
    pub(super) fn pair() -> (Sender<()>, Self) {
        let (held, asked) = channel();
        (held, Self(asked))
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.try_recv() != Err(TryRecvError::Empty)
    }

    /// Sleeps, and says whether it was woken because the watch is over.
    pub(super) fn is_over_within(&self, time: Duration) -> bool {
        self.0.recv_timeout(time) != Err(RecvTimeoutError::Timeout)
    }
}

/// Measures the processes of one job again and again.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Limits,
    /// Everything below this process belongs to the job.
    ancestor: u32,
    looks: u32,
    /// Processor time of the ancestor and of what it collected, before the job began.
    before: f64,
    /// Processor time of every process that was seen, by its number and start.
    seconds: HashMap<(u32, u64), f64>,
    seen: Seen,
}

/// What a watch saw.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// The status of a job that exceeded a limit.
    pub(crate) exceeded: Option<JobStatus>,
    /// Largest memory in bytes.
    pub(crate) peak_bytes: u64,
    /// Largest processor time in seconds.
    pub(crate) cpu_seconds: f64,
}

impl Watch {
    pub(super) fn new(limits: Limits, ancestor: u32) -> Self {
        let before = Process::read(ancestor).as_ref().map_or(0.0, Process::all_seconds);
        Self { limits, ancestor, looks: 0, before, seconds: HashMap::new(), seen: Seen::default() }
    }

    /// Looks until something is exceeded. Takes the calling thread for itself.
    pub(super) fn keep(mut self, until: &Until) -> Seen {
        while self.seen.exceeded.is_none() && !until.is_over_within(EVERY) {
            self.seen.exceeded = self.look();
        }
        self.seen
    }

    fn look(&mut self) -> Option<JobStatus> {
        let family = proc_stat::below_lately(self.ancestor);
        self.looks += 1;
        // Ended processes that are not collected take a number each, too; the launcher collects those below it.
        let counted = family.iter().filter(|process| !process.ended || process.parent != self.ancestor);
        let tasks: u32 = counted.map(|process| process.threads.max(1)).sum();
        if tasks > self.limits.processes {
            return Some(JobStatus::ProcessLimit);
        }
        if self.cpu_seconds(&family) > self.limits.cpu.as_secs_f64() {
            return Some(JobStatus::TimeoutCpu);
        }
        let slower = self.looks.is_multiple_of(SLOWER);
        let (memory, most) = (self.memory(&family), self.limits.memory_bytes);
        let too_much = memory > most
            || slower && (shared_bytes(&family) > most || memory + hidden_bytes(&family) > most);
        too_much.then_some(JobStatus::Oom)
    }

    /// The kernel adds the time of an ended process to whoever collects it, which its parent can prevent; so
    /// what was seen of it counts as well.
    fn cpu_seconds(&mut self, family: &[Process]) -> f64 {
        for process in family {
            self.seconds.insert((process.pid, process.started), process.seconds);
        }
        let ancestor = Process::read(self.ancestor);
        let told: f64 = family.iter().chain(&ancestor).map(Process::all_seconds).sum::<f64>() - self.before;
        let seen: f64 = self.seconds.values().sum();
        self.seen.cpu_seconds = self.seen.cpu_seconds.max(told).max(seen);
        self.seen.cpu_seconds
    }

    /// The cheap upper bound counts pages of forked processes several times, so that it only counts when it
    /// is below the limit, or where the exact number may not be read.
    fn memory(&mut self, family: &[Process]) -> u64 {
        let mut bytes: u64 = family.iter().map(proc_stat::resident_bytes).sum();
        if bytes > self.limits.memory_bytes {
            let exact = |process| {
                proc_stat::proportional_bytes(process).unwrap_or_else(|| proc_stat::resident_bytes(process))
            };
            bytes = family.iter().map(exact).sum();
        }
        self.seen.peak_bytes = self.seen.peak_bytes.max(bytes);
        bytes
    }
}

/// Memory that no process shows as resident: what the kernel keeps for them to find their pages, the buffers of
/// sockets at their largest, and files in scratch places that are memory.
fn hidden_bytes(family: &[Process]) -> u64 {
    let tables: u64 = family.iter().map(proc_stat::page_table_bytes).sum();
    let sockets: HashSet<String> = family.iter().flat_map(proc_stat::sockets).collect();
    let buffers = sockets.len() as u64 * proc_stat::largest_socket_buffer();
    tables + buffers + family.first().map_or(0, proc_stat::scratch_bytes)
}

/// Shared memory without a file, each piece once.
fn shared_bytes(family: &[Process]) -> u64 {
    let mut pieces: HashMap<String, u64> = HashMap::new();
    for (piece, bytes) in family.iter().flat_map(proc_stat::shared_mappings) {
        let known = pieces.entry(piece).or_default();
        *known = bytes.max(*known);
    }
    pieces.values().sum()
}
