//! Reading the body of a request: how large it may be, how long it may take, and how much of all
//! that are being read is held at a time.
//!
//! Whoever sends half of a large post and then nothing would have the daemon hold it, and many of
//! them all its memory. So what is sent is waited for only so long, and all large bodies share
//! what there is; small ones, as most posts are, need nothing of that and are always read.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

use super::problem::Problem;

/// What is read and thrown away of a body that is too large, so that its sender gets to read
/// the answer instead of a broken connection.
const MAX_DISCARDED: usize = 128 << 20;
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it may take in all: 25 MiB at 1 Mbit/s take three and a half minutes.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// What is held of a body before it needs a share of [`SHARED`], in bytes.
const FREE: usize = 128 << 10;
/// What all bodies that are being read may hold beyond that, in units of [`UNIT`].
static SHARED: Semaphore = Semaphore::const_new(256 << 10);
/// In bytes.
const UNIT: usize = 1 << 10;

/// Reads a body of at most so many bytes.
///
/// # Errors
/// When there are more, it breaks off or takes too long, or too many large ones are being read.
pub(crate) async fn read(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let end = Instant::now() + LONGEST;
    let mut share = Share::default();
    let mut pieces: Vec<Bytes> = Vec::new();
    let mut total = 0;
    loop {
        let frame = timeout_at(end, timeout(SILENCE, body.frame())).await;
        let Ok(Ok(frame)) = frame else { return Err(too_slow()) };
        let Some(frame) = frame else { break };
        let broken =
            |error: axum::Error| Problem::bad_request(format!("the body broke off: {error}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        total += data.len();
        if total > MAX_DISCARDED {
            break;
        }
        if total <= most {
            share.grow(total)?;
            pieces.push(data);
        } else {
            pieces.clear();
        }
    }
    if total > most {
        let detail =
            format!("the body has more than {most} bytes, which is the most that is taken");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", detail));
    }
    Ok(match <[Bytes; 1]>::try_from(pieces) {
        // Most bodies come in one piece, and are not copied.
        Ok([whole]) => whole,
        Err(pieces) => Bytes::from(pieces.concat()),
    })
}

/// Reads a body that nobody wants, so that its sender gets to read why.
pub(crate) async fn discard(body: Body) {
    // Whatever was wrong with it, the answer says something else.
    drop(read(body, 0).await);
}

/// What a body holds of [`SHARED`] while it is read.
#[derive(Default)]
struct Share(Option<SemaphorePermit<'static>>);

impl Share {
    /// Enough for so many bytes in all.
    fn grow(&mut self, total: usize) -> Result<(), Problem> {
        let needed = total.saturating_sub(FREE).div_ceil(UNIT);
        let held = self.0.as_ref().map_or(0, SemaphorePermit::num_permits);
        let Some(more) = needed.checked_sub(held).filter(|more| *more > 0) else { return Ok(()) };
        let more = u32::try_from(more).ok().and_then(|more| SHARED.try_acquire_many(more).ok());
        let Some(more) = more else {
            let detail = "too many large bodies are being read at the moment: try again later";
            return Err(Problem::unavailable(detail));
        };
        match &mut self.0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

fn too_slow() -> Problem {
    let detail = format!(
        "nothing came for {} s, or the whole took longer than {} s",
        SILENCE.as_secs(),
        LONGEST.as_secs()
    );
    Problem::new(StatusCode::REQUEST_TIMEOUT, "The body came too slowly", detail)
}

#[cfg(test)]
mod tests {
    use tokio_stream::{self as stream, StreamExt};

    use super::*;

    fn pieces(sizes: &[usize]) -> Body {
        let pieces: Vec<_> = sizes.iter().map(|size| Bytes::from(vec![b'x'; *size])).collect();
        Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)))
    }

    #[tokio::test]
    async fn bodies_are_read_up_to_a_limit() {
        assert_eq!(read(pieces(&[3, 4]), 7).await.unwrap().len(), 7);
        assert_eq!(read(pieces(&[3, 5]), 7).await.unwrap_err().status(), 413);
        assert!(read(Body::empty(), 0).await.unwrap().is_empty());
    }

    /// Nothing comes, without end.
    fn stalled(first: usize) -> Body {
        let first = Bytes::from(vec![b'x'; first]);
        let first = stream::iter([Ok::<_, std::io::Error>(first)]);
        Body::from_stream(first.chain(stream::pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_stalls_is_given_up_and_leaves_room_for_small_ones() {
        let before = Instant::now();
        assert_eq!(read(stalled(10), 100).await.unwrap_err().status(), 408);
        assert_eq!(before.elapsed(), SILENCE);
        // Twenty of them are more than there is room for.
        const LARGE: usize = 25 << 20;
        let many: Vec<_> = (0..20).map(|_| tokio::spawn(read(stalled(LARGE), LARGE))).collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(read(pieces(&[FREE]), FREE).await.unwrap().len(), FREE);
        assert_eq!(read(pieces(&[LARGE]), LARGE).await.unwrap_err().status(), 503);
        let mut refused = 0;
        for one in many {
            let status = one.await.unwrap().unwrap_err().status();
            assert!(matches!(status, 408 | 503), "{status}");
            refused += usize::from(status == 503);
        }
        assert_eq!(refused, 10, "ten have room");
        assert_eq!(read(pieces(&[LARGE]), LARGE).await.unwrap().len(), LARGE);
    }
}
