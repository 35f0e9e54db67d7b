use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// Most bytes of a line of output that are logged.
const LINE: u64 = 4096;
/// Most lines of one process that are logged.
const LINES: usize = 1000;

/// Puts what a child prints into the log, up to a point, and reads on so that it never blocks on it.
pub(super) fn log(
    plugin: String,
    stream: &'static str,
    output: impl AsyncRead + Send + Unpin + 'static,
    printed: Arc<AtomicUsize>,
) {
    tokio::spawn(async move {
        let mut output = BufReader::new(output);
        let mut lines = 0;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut output).take(LINE).read_until(b'\n', &mut line).await;
            if read.unwrap_or(0) == 0 {
                return;
            }
            lines += 1;
            printed.fetch_add(1, Ordering::Relaxed);
            if lines <= LINES {
                let text = String::from_utf8_lossy(&line);
                tracing::warn!(plugin, stream, "{}", text.trim_end());
            } else if lines == LINES + 1 {
                tracing::warn!(
                    plugin,
                    stream,
                    "the plugin prints too much; the rest is dropped"
                );
            }
        }
    });
}
