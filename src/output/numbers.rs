//! Decimal numbers, and the widths that the columns give them.
//!
//! A listing of a large table is mostly numbers, so the digits are made in a field of blanks and copied once, padding
//! included.

use super::columns;

/// The two digits of 0 to 99.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// Where the digits end in their field: a blank and the longest number, 20 digits, stand before it.
const END: usize = 21;

/// The digits of one number in a field of blanks.
struct Field {
    bytes: [u8; 56],
    /// Where the digits begin.
    begin: usize,
}

impl Field {
    #[inline]
    fn new(mut number: u64) -> Self {
        let (mut bytes, mut begin) = ([b' '; 56], END);
        for pair in bytes[1..END].rchunks_exact_mut(2) {
            pair.copy_from_slice(&PAIRS[(number % 100) as usize]);
            number /= 100;
            begin -= 2;
            if number == 0 {
                break;
            }
        }
        if bytes[begin] == b'0' {
            bytes[begin] = b' ';
            begin += 1;
        }
        Self { bytes, begin }
    }

    /// Appends what stands from `begin` (at most [`END`]) to `end` (at most 32 later).
    #[inline]
    fn append(&self, out: &mut Vec<u8>, begin: usize, end: usize) {
        if let Some(window) = self.bytes[begin..].first_chunk::<32>() {
            columns::prefix(out, window, end - begin);
        }
    }
}

/// `%u`, of any width.
pub fn decimal(out: &mut Vec<u8>, number: impl Into<u64>) {
    let field = Field::new(number.into());
    field.append(out, field.begin, END);
}

/// `%02u`.
pub fn two_digits(out: &mut Vec<u8>, number: u32) {
    if number < 10 {
        out.push(b'0');
    }
    decimal(out, number);
}

/// `%-WIDTHu` with a blank after it; `width` is at most 11.
pub fn left(out: &mut Vec<u8>, number: u32, width: usize) {
    let field = Field::new(number.into());
    field.append(out, field.begin, (field.begin + width).max(END) + 1);
}

/// `%-WIDTHd` with a blank after it: a kernel may answer a negative weight.
pub fn left_signed(out: &mut Vec<u8>, number: i32, width: usize) {
    let sign = usize::from(number < 0);
    if sign == 1 {
        out.push(b'-');
    }
    left(out, number.unsigned_abs(), width - sign);
}

/// ` %8u`: all digits.
pub fn exact(out: &mut Vec<u8>, number: u64) {
    let field = Field::new(number);
    field.append(out, (field.begin - 1).min(END - 9), END);
}

/// `%9u`, or from 10^8 on `%8u` and a letter: cut, not rounded.
pub fn scaled(out: &mut Vec<u8>, number: u64) {
    let (unit, letter) = match number {
        0..100_000_000 => return exact(out, number),
        100_000_000..1_000_000_000 => (1_000, b'K'),
        1_000_000_000..100_000_000_000 => (1_000_000, b'M'),
        100_000_000_000..100_000_000_000_000 => (1_000_000_000, b'G'),
        _ => (1_000_000_000_000, b'T'),
    };
    let mut field = Field::new(number / unit);
    field.bytes[END] = letter;
    field.append(out, field.begin.min(END - 8), END + 1);
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
            assert_eq!(written(|out| exact(out, n)), format!(" {n:8}"));
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
            assert_eq!(written(|out| scaled(out, n)), text);
        }
    }

    #[test]
    fn left_columns_end_with_a_blank() {
        for (n, width) in [(0, 6), (99_999, 6), (999_999, 6), (1_234_567, 6), (u32::MAX, 11), (7, 11), (u32::MAX, 9)] {
            assert_eq!(written(|out| left(out, n, width)), format!("{n:<width$} "));
        }
        for n in [0, -1, 65535, i32::MIN, i32::MAX] {
            assert_eq!(written(|out| left_signed(out, n, 6)), format!("{n:<6} "));
        }
    }
}
