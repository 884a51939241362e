//! Decimal numbers, and the widths that the columns give them.
//!
//! A listing of a large table is mostly numbers. Small ones are looked up, eight digits are made at once without a branch,
//! and all are copied together with the blanks around them. The few numbers that have more digits go the long way.

use super::columns;

/// From here on a number has more than eight digits.
const NINE_DIGITS: u64 = 100_000_000;
const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The numbers below 1000: their digits, the first one in the lowest byte, and how many there are in the highest.
static SMALL: [u32; 1000] = {
    let mut small = [0; 1000];
    let mut n = 0;
    while n < 1000 {
        let (hundreds, tens, ones) = (b'0' + (n / 100) as u8, b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8);
        small[n] = u32::from_le_bytes(match n {
            0..10 => [ones, b' ', b' ', 1],
            10..100 => [tens, ones, b' ', 2],
            _ => [hundreds, tens, ones, 3],
        });
        n += 1;
    }
    small
};

/// The eight digits of a number below 10^8, the first one in the lowest byte, and how many bits the zeros before the
/// number have.
// Not inlined: it is in many places, and most numbers are small.
#[inline(never)]
fn eight_digits(number: u64) -> (u64, u32) {
    // Each step halves all groups of digits: what is above goes to the lower end, what is below to the upper.
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let above = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = above | ((fours - above * 100) << 16);
    let above = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = above | ((twos - above * 10) << 8);
    // The last digit is no such zero.
    let zeros = (ones | (1 << 56)).trailing_zeros() & !7;
    (ones | ZEROS, zeros)
}

/// A number below 10^8 with blanks after it, in eight bytes, and how many digits it has.
#[inline(always)]
pub fn short(number: u64) -> ([u8; 8], usize) {
    let (text, digits) = match SMALL.get(number as usize) {
        Some(small) => (u64::from(small & 0xff_ffff) | (BLANKS << 24), (small >> 24) as usize),
        None => {
            let (digits, zeros) = eight_digits(number);
            ((((u128::from(BLANKS) << 64) | u128::from(digits)) >> zeros) as u64, 8 - zeros as usize / 8)
        }
    };
    (text.to_le_bytes(), digits)
}

/// A number below 10^8 in eight columns, with blanks before it.
#[inline(always)]
fn right(number: u64) -> [u8; 8] {
    let text = match SMALL.get(number as usize) {
        Some(small) => {
            let bits = (small >> 24) * 8;
            (u64::from(*small) << (64 - bits)) | (BLANKS >> bits)
        }
        None => {
            let (digits, zeros) = eight_digits(number);
            digits ^ ((ZEROS ^ BLANKS) & ((1 << zeros) - 1))
        }
    };
    text.to_le_bytes()
}

/// Appends any number.
#[cold]
fn long(out: &mut Vec<u8>, number: u64) {
    if number >= NINE_DIGITS {
        long(out, number / NINE_DIGITS);
        out.extend_from_slice(&eight_digits(number % NINE_DIGITS).0.to_le_bytes());
    } else {
        decimal(out, number);
    }
}

/// `%u`, of any width.
pub fn decimal(out: &mut Vec<u8>, number: impl Into<u64>) {
    let number = number.into();
    if number < NINE_DIGITS {
        let (text, digits) = short(number);
        columns::prefix(out, &text, digits);
    } else {
        long(out, number);
    }
}

/// `%02u`.
pub fn two_digits(out: &mut Vec<u8>, number: u32) {
    if number < 10 {
        out.push(b'0');
    }
    decimal(out, number);
}

/// Columns `%-WIDTHu`, with a blank between one and the next. A `WIDTH` is at most 15, and all are at most 40.
#[inline(always)]
pub fn left<const N: usize>(out: &mut Vec<u8>, columns: [(u32, usize); N]) {
    let (mut text, mut end) = ([b' '; 64], 0);
    for (n, (number, width)) in columns.into_iter().enumerate() {
        let number = u64::from(number);
        if number >= NINE_DIGITS {
            columns::prefix(out, &text, end);
            return long_left(out, &columns[n..]);
        }
        let (number, digits) = short(number);
        text[end..end + 8].copy_from_slice(&number);
        end += digits.max(width) + 1;
    }
    columns::prefix(out, &text, end - 1);
}

#[cold]
fn long_left(out: &mut Vec<u8>, columns: &[(u32, usize)]) {
    for (n, (number, width)) in columns.iter().enumerate() {
        if n > 0 {
            out.push(b' ');
        }
        let start = out.len();
        decimal(out, *number);
        columns::pad(out, start, *width);
    }
}

/// Columns of `%9u`, or from 10^8 on `%8u` and a letter: cut, not rounded.
fn scaled<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) {
    let mut columns = [[b' '; 9]; N];
    for (column, number) in columns.iter_mut().zip(numbers) {
        if number < NINE_DIGITS {
            column[1..].copy_from_slice(&right(number));
        } else {
            *column = large(number);
        }
    }
    out.extend_from_slice(columns.as_flattened());
}

/// A number from 10^8 on.
#[cold]
fn large(number: u64) -> [u8; 9] {
    let (unit, letter) = match number {
        ..1_000_000_000 => (1_000, b'K'),
        1_000_000_000..100_000_000_000 => (1_000_000, b'M'),
        100_000_000_000..100_000_000_000_000 => (1_000_000_000, b'G'),
        _ => (1_000_000_000_000, b'T'),
    };
    let mut column = [letter; 9];
    column[..8].copy_from_slice(&right(number / unit));
    column
}

/// Columns of counters, with all digits or scaled.
pub fn counters<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N], all_digits: bool) {
    if all_digits { exact(out, numbers) } else { scaled(out, numbers) }
}

/// Columns of ` %8u`: all digits.
pub fn exact<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) {
    if numbers.iter().all(|number| *number < NINE_DIGITS) {
        return scaled(out, numbers);
    }
    for number in numbers {
        if number < NINE_DIGITS {
            scaled(out, [number]);
        } else {
            out.push(b' ');
            long(out, number);
        }
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
            assert_eq!(written(|out| scaled(out, [n])), text);
            assert_eq!(written(|out| scaled(out, [n, 7, n])), format!("{text}        7{text}"));
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
