//! Scripts whose random numbers are the same in every run.

use std::path::Path;

use super::space::Space;
use super::{PrepareHow, Runtime, absolute};
use crate::{ExecError, Job, JobResult, Limits};

impl Runtime {
    /// Like [`run_code`](Self::run_code), with the hashes of strings and the global generators of `random` and
    /// `numpy.random` seeded before the first line, also in the Python processes that the script starts.
    /// Generators that the script makes without a seed of their own (`numpy.random.default_rng()`) stay random.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn run_seeded(
        &self,
        workdir: &Path,
        code: &str,
        seed: u64,
        limits: Limits,
    ) -> Result<JobResult, ExecError> {
        let space = Space::new(&self.scratch)?;
        let script = space.path().join("program.py");
        std::fs::write(&script, code).map_err(ExecError::io(&script))?;
        let workdir = absolute(workdir)?;
        let how = PrepareHow { hash_seed: folded(seed), ..PrepareHow::default() };
        let mut env = space.environment(&self.python, Some(&workdir), &how);
        let seeds = self.python.helper("seeded");
        env.insert("PYTHONPATH".into(), format!("{}:{}", seeds.display(), workdir.display()));
        env.insert("SMITH_SEED".into(), seed.to_string());
        let job = Job {
            argv: self.python_and(script),
            env,
            limits,
            readable: self.readable([]),
            writable: vec![workdir.clone(), space.path().to_path_buf()],
            replicas: Vec::new(),
            cwd: workdir.clone(),
        };
        self.run_scrubbed(job, self.scrubber(&space, &[(workdir, ".")])).await
    }
}

/// Python takes 32 bits.
fn folded(seed: u64) -> u32 {
    let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
    u32::from_le_bytes([a ^ e, b ^ f, c ^ g, d ^ h])
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn every_bit_of_a_seed_counts() {
        assert_eq!(folded(7), 7);
        assert_eq!(folded(7 << 32), 7);
        assert_eq!(folded(0x0000_0001_0000_0002), 3);
    }
}
