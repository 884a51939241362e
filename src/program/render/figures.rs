//! Rates, shares and counts in few characters, as all views of `--watch` have them.

/// Where a rate is scaled: below it, it has all its digits.
const SCALED: f64 = 99_999.5;
/// No text is longer, not even the least weight.
const LONGEST: usize = 12;

/// A text of at most `LONGEST` characters, at the right end of blanks: a column of a known width is a copy of a few
/// instructions then, and a large table has hundreds of thousands of columns.
#[derive(Clone, Copy)]
pub struct Figure {
    text: [u8; LONGEST],
    start: usize,
}

impl Figure {
    const EMPTY: Self = Self { text: [b' '; LONGEST], start: LONGEST };

    /// What stands where a figure means nothing.
    pub fn nothing() -> Self {
        Self::EMPTY.before(b'-')
    }

    /// Its text.
    pub fn text(&self) -> &[u8] {
        &self.text[self.start..]
    }

    /// Appends it at the right end of so many characters, which begin with a blank.
    pub fn right<const WIDTH: usize>(&self, out: &mut Vec<u8>) {
        let length = LONGEST - self.start;
        if WIDTH <= LONGEST && length < WIDTH {
            let (_, column) = self.text.split_at(LONGEST - WIDTH);
            if let Ok(column) = <&[u8; WIDTH]>::try_from(column) {
                return out.extend_from_slice(column);
            }
        }
        let blanks = WIDTH.saturating_sub(length).max(1);
        out.resize(out.len() + blanks, b' ');
        out.extend_from_slice(self.text());
    }

    /// The same with this before it.
    #[inline]
    fn before(mut self, byte: u8) -> Self {
        if let Some(start) = self.start.checked_sub(1) {
            self.text[start] = byte;
            self.start = start;
        }
        self
    }

    #[inline]
    fn digits(mut self, mut number: u64) -> Self {
        while number >= 10 {
            self = self.before(b'0' + (number % 10) as u8);
            number /= 10;
        }
        self.before(b'0' + number as u8)
    }

    /// With one decimal below 100, where it says something.
    fn one_decimal(self, number: f64) -> Self {
        let tenths = (number * 10.0).round();
        if tenths >= 1000.0 {
            return self.digits(number.round() as u64);
        }
        let tenths = tenths as u64;
        match tenths % 10 {
            // A rate that is small, and not none, is to be seen.
            0 if tenths > 0 || number <= 0.0 => self.digits(tenths / 10),
            tenth => self.before(b'0' + tenth as u8).before(b'.').digits(tenths / 10),
        }
    }
}

/// A rate in at most six characters: with one decimal below 100, with a letter for thousands and more from 100,000 on.
#[inline]
pub fn rate(rate: Option<f64>) -> Figure {
    match rate {
        None => Figure::nothing(),
        Some(0.0) => Figure::EMPTY.before(b'0'),
        Some(rate) if rate < SCALED => Figure::EMPTY.one_decimal(rate),
        Some(rate) => scaled(rate),
    }
}

fn scaled(rate: f64) -> Figure {
    let (mut scaled, mut letter) = (rate / 1e3, b'K');
    for next in *b"MGTPE" {
        if scaled < 999.5 {
            break;
        }
        (scaled, letter) = (scaled / 1e3, next);
    }
    Figure::EMPTY.before(letter).one_decimal(scaled)
}

/// A part of a whole as percent.
pub fn percent(share: Option<f64>) -> Figure {
    share.map_or_else(Figure::nothing, |share| Figure::EMPTY.one_decimal(share * 100.0))
}

/// A number, or what stands for none.
pub fn count(count: Option<i64>) -> Figure {
    match count {
        None => Figure::nothing(),
        Some(count) if count < 0 => Figure::EMPTY.digits(count.unsigned_abs()).before(b'-'),
        Some(count) => Figure::EMPTY.digits(count.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(figure: &Figure) -> &str {
        std::str::from_utf8(figure.text()).unwrap()
    }

    #[test]
    fn rates_are_short() {
        for (value, expected) in [
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
            let figure = rate(Some(value));
            assert_eq!(text(&figure), expected);
            assert!(figure.text().len() <= 6);
        }
        assert_eq!(text(&rate(None)), "-");
    }

    #[test]
    fn shares_are_percent() {
        for (share, expected) in [(0.0, "0"), (1.0 / 3.0, "33.3"), (0.25, "25"), (1.0, "100")] {
            assert_eq!(text(&percent(Some(share))), expected);
        }
        assert_eq!(text(&percent(None)), "-");
    }

    #[test]
    fn counts_are_whole() {
        for number in [0, 7, 10, 4_294_967_295, -1, -2_147_483_648] {
            assert_eq!(text(&count(Some(number))), number.to_string());
        }
    }

    #[test]
    fn columns_begin_with_a_blank() {
        for number in [0, 12, 123_456, 1_234_567, -2_147_483_648] {
            let (mut narrow, mut wide) = (Vec::new(), Vec::new());
            count(Some(number)).right::<7>(&mut narrow);
            count(Some(number)).right::<12>(&mut wide);
            let expected = number.to_string();
            assert_eq!(String::from_utf8(narrow).unwrap(), format!(" {expected:>6}"));
            assert_eq!(String::from_utf8(wide).unwrap(), format!(" {expected:>11}"));
        }
    }
}
