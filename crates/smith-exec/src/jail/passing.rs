//! Descriptors that travel with bytes between processes.

use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// The kernel passes no more at once.
pub(super) const MOST: usize = 253;

/// Sends all of `bytes`, the first of them with `descriptors`: at most [`MOST`].
pub(super) async fn send(
    socket: &UnixStream,
    mut bytes: &[u8],
    mut descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    while !bytes.is_empty() {
        let sent = socket.async_io(Interest::WRITABLE, || send_some(socket, bytes, descriptors)).await?;
        bytes = bytes.get(sent..).unwrap_or_default();
        descriptors = &[];
    }
    Ok(())
}

fn send_some(socket: &UnixStream, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let mut room = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MOST))];
    let mut ancillary = SendAncillaryBuffer::new(&mut room);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::TOOBIG.into());
    }
    Ok(sendmsg(socket, &[IoSlice::new(bytes)], &mut ancillary, SendFlags::NOSIGNAL)?)
}

/// Reads from a connection and keeps the descriptors that come along.
#[derive(Debug)]
pub(super) struct Receiver<'a> {
    socket: &'a std::os::unix::net::UnixStream,
    pub(super) descriptors: Vec<OwnedFd>,
}

impl<'a> Receiver<'a> {
    pub(super) fn new(socket: &'a std::os::unix::net::UnixStream) -> Self {
        Self { socket, descriptors: Vec::new() }
    }
}

impl Read for Receiver<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut room = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MOST))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut room);
        let flags = RecvFlags::CMSG_CLOEXEC;
        let received = recvmsg(self.socket, &mut [IoSliceMut::new(bytes)], &mut ancillary, flags)?;
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptors.extend(descriptors);
            }
        }
        Ok(received.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[tokio::test]
    async fn descriptors_arrive_with_the_bytes_that_they_were_sent_with() {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = UnixStream::from_std(ours).unwrap();
        let file = tempfile::tempfile().unwrap();
        send(&ours, b"a", &[]).await.unwrap();
        send(&ours, b"bc", &[file.as_fd(), file.as_fd()]).await.unwrap();
        let mut receiver = Receiver::new(&theirs);
        let mut bytes = [0; 1];
        for (byte, descriptors) in [(b'a', 0), (b'b', 2), (b'c', 2)] {
            receiver.read_exact(&mut bytes).unwrap();
            assert_eq!((bytes, receiver.descriptors.len()), ([byte], descriptors));
        }
        let too_many = vec![file.as_fd(); MOST + 1];
        assert!(send(&ours, b"d", &too_many).await.is_err());
    }
}
