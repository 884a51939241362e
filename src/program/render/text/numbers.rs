//! Decimal numbers, and the widths that the columns give them.

/// From here on a counter is scaled.
const NINE_DIGITS: u64 = 100_000_000;

/// `%u`.
pub fn decimal(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// `%02u`.
pub fn two_digits(out: &mut Vec<u8>, number: u32) {
    if number < 10 {
        out.push(b'0');
    }
    decimal(out, number);
}

/// Columns `%-WIDTHu`, with a blank between one and the next; all of them are at most 64 wide.
pub fn left<const N: usize>(out: &mut Vec<u8>, columns: [(u32, usize); N]) {
    let (mut line, mut end) = ([b' '; 64], 0);
    for (number, width) in columns {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number).as_bytes();
        line[end..end + digits.len()].copy_from_slice(digits);
        end += digits.len().max(width) + 1;
    }
    out.extend_from_slice(&line[..end - 1]);
}

/// Columns of counters, with all digits or scaled.
pub fn counters<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N], all_digits: bool) {
    if all_digits { exact(out, numbers) } else { out.extend_from_slice(numbers.map(scaled).as_flattened()) }
}

/// Columns of ` %8u`: all digits.
pub fn exact<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) {
    for number in numbers {
        if number < NINE_DIGITS {
            out.extend_from_slice(&right(number));
        } else {
            out.push(b' ');
            decimal(out, number);
        }
    }
}

/// `%9u`, or from 10^8 on `%8u` and a letter: cut, not rounded.
fn scaled(number: u64) -> [u8; 9] {
    let (unit, letter) = match number {
        ..NINE_DIGITS => return right(number),
        NINE_DIGITS..1_000_000_000 => (1_000, b'K'),
        1_000_000_000..100_000_000_000 => (1_000_000, b'M'),
        100_000_000_000..100_000_000_000_000 => (1_000_000_000, b'G'),
        _ => (1_000_000_000_000, b'T'),
    };
    let [_, digits @ ..] = right(number / unit);
    let mut column = [letter; 9];
    column[..8].copy_from_slice(&digits);
    column
}

/// `%9u` of a number of nine digits at most.
fn right(number: u64) -> [u8; 9] {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number).as_bytes();
    let mut column = [b' '; 9];
    if let Some(start) = column.len().checked_sub(digits.len()) {
        column[start..].copy_from_slice(digits);
    }
    column
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
    fn digits_are_those_of_the_standard_library() {
        let powers = (0..20).map(|n| 10_u64.pow(n));
        for n in powers.flat_map(|n| [n - 1, n, n + 1, n / 10 * 9]).chain([u64::MAX, 2_147_483_648]) {
            assert_eq!(written(|out| decimal(out, n)), n.to_string());
            assert_eq!(written(|out| exact(out, [n])), format!(" {n:8}"));
            assert_eq!(written(|out| exact(out, [n, 7])), format!(" {n:8}        7"));
        }
    }

    #[test]
    fn large_numbers_are_scaled() {
        // `-Ln --stats`, one service that has carried this much.
        for (n, text) in [
            (0, "        0"),
            (99_999_999, " 99999999"),
            (100_000_000, "  100000K"),
            (123_456_789, "  123456K"),
            (999_999_999, "  999999K"),
            (1_000_000_000, "    1000M"),
            (9_999_999_999, "    9999M"),
            (10_000_000_000, "   10000M"),
            (99_999_999_999, "   99999M"),
            (100_000_000_000, "     100G"),
            (99_999_999_999_999, "   99999G"),
            (100_000_000_000_000, "     100T"),
            (999_999_999_999_999_999, "  999999T"),
            (u64::MAX, "18446744T"),
        ] {
            assert_eq!(written(|out| counters(out, [n], false)), text);
            assert_eq!(written(|out| counters(out, [n, 7, n], false)), format!("{text}        7{text}"));
        }
    }

    #[test]
    fn left_columns() {
        let numbers = [0, 7, 99_999, 1_234_567, 99_999_999, 100_000_000, u32::MAX];
        for a in numbers {
            for b in numbers {
                let columns = [(a, 6), (b, 11), (a, 10), (b, 9)];
                assert_eq!(written(|out| left(out, columns)), format!("{a:<6} {b:<11} {a:<10} {b:<9}"));
            }
        }
    }
}
