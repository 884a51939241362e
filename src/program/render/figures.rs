//! Rates and shares in few characters, as all views of `--watch` have them.

use itoa::Buffer;

/// Where a rate is scaled: below it, it has all its digits.
const SCALED: f64 = 99_999.5;
/// What stands where a figure means nothing.
const NOTHING: u8 = b'-';

/// Appends a rate in at most six characters: with one decimal below 100, with a letter for thousands and more from 100,000 on.
pub fn rate(out: &mut Vec<u8>, rate: Option<f64>) {
    let Some(rate) = rate else { return out.push(NOTHING) };
    if rate < SCALED {
        return one_decimal(out, rate);
    }
    let (mut scaled, mut letter) = (rate / 1e3, b'K');
    for next in *b"MGTPE" {
        if scaled < 999.5 {
            break;
        }
        (scaled, letter) = (scaled / 1e3, next);
    }
    one_decimal(out, scaled);
    out.push(letter);
}

/// With one decimal below 100, where it says something.
fn one_decimal(out: &mut Vec<u8>, number: f64) {
    let tenths = (number * 10.0).round();
    let mut buffer = Buffer::new();
    if tenths >= 1000.0 {
        return out.extend_from_slice(buffer.format(number.round() as u64).as_bytes());
    }
    let tenths = tenths as u64;
    out.extend_from_slice(buffer.format(tenths / 10).as_bytes());
    // A rate that is small, and not none, is to be seen.
    if tenths % 10 != 0 {
        out.extend_from_slice(&[b'.', b'0' + (tenths % 10) as u8]);
    } else if tenths == 0 && number > 0.0 {
        out.extend_from_slice(b".0");
    }
}

/// Appends a part of a whole as percent.
pub fn percent(out: &mut Vec<u8>, share: Option<f64>) {
    match share {
        Some(share) => one_decimal(out, share * 100.0),
        None => out.push(NOTHING),
    }
}

/// Appends a number, or what stands for none.
pub fn count(out: &mut Vec<u8>, count: Option<impl itoa::Integer>) {
    match count {
        Some(count) => out.extend_from_slice(Buffer::new().format(count).as_bytes()),
        None => out.push(NOTHING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rates_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.02, "0.0"),
            (0.5, "0.5"),
            (1.0, "1"),
            (99.94, "99.9"),
            (99.96, "100"),
            (12_345.6, "12346"),
            (99_999.4, "99999"),
            (99_999.6, "100K"),
            (1_234_567.0, "1.2M"),
            (999_600.0, "1M"),
            (12_345_678_901.0, "12.3G"),
            (u64::MAX as f64, "18.4E"),
        ] {
            let text_of = written(|out| rate(out, Some(value)));
            assert_eq!(text_of, text);
            assert!(text_of.len() <= 6);
        }
        assert_eq!(written(|out| rate(out, None)), "-");
    }

    #[test]
    fn shares_are_percent() {
        for (share, text) in [(0.0, "0"), (1.0 / 3.0, "33.3"), (0.25, "25"), (1.0, "100")] {
            assert_eq!(written(|out| percent(out, Some(share))), text);
        }
        assert_eq!(written(|out| percent(out, None)), "-");
        assert_eq!(written(|out| count(out, Some(7))), "7");
    }
}
