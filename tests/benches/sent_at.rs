/// When an event was published: the member `at` of its data, in nanoseconds.
pub fn sent_at(frame: &[u8]) -> u64 {
    let mark = b"\"at\":";
    let found = frame.windows(mark.len()).position(|part| part == mark);
    let digits = found
        .map(|at| &frame[at + mark.len()..])
        .unwrap_or_default();
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, byte| number * 10 + u64::from(byte - b'0'))
}
