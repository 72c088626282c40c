//! Accepting connections: so many at once, none for ever, and an orderly end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// How long a connection may wait before or within the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(120);

/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 64 << 10;

/// How long the last answers may take when the server ends.
const END_GRACE: Duration = Duration::from_secs(30);

/// Pause after the system could not give a connection, for want of descriptors for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` says so, then lets requests that are being answered come to their end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    most: usize,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(most));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stopped(&mut stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, place)) => {
                connections.spawn(keep(stream, place, router.clone(), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // Those that do not end are dropped with the set.
    let _late = tokio::time::timeout(END_GRACE, ended).await;
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the server is gone.
    let _said = stop.wait_for(|stop| *stop).await.is_ok();
}

/// The next connection, once there is room for one. Until then the system keeps clients waiting.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Answers the requests of one connection.
async fn keep(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and are waited for.
    let _as_it_is = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
