//! Columns of text: padded to a width like C's `%-28s`, cut to one like `%.28s`.

/// As many blanks as the widest column needs.
const BLANKS: [u8; 64] = [b' '; 64];

/// Pads what stands in `out` from `start` on to `width` bytes (at most 64). What is longer stays as it is.
pub fn pad(out: &mut Vec<u8>, start: usize, width: usize) {
    let missing = (start + width).saturating_sub(out.len());
    out.extend_from_slice(&BLANKS[..missing.min(BLANKS.len())]);
}

/// Cuts what stands in `out` from `start` on to `width` bytes, in the middle of a character if it comes to that.
pub fn cut(out: &mut Vec<u8>, start: usize, width: usize) {
    out.truncate(start + width);
}

/// Appends `text`, padded to `width`.
pub fn text(out: &mut Vec<u8>, text: &[u8], width: usize) {
    let start = out.len();
    out.extend_from_slice(text);
    pad(out, start, width);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_padded_and_long_text_is_not() {
        let mut out = b"TCP ".to_vec();
        text(&mut out, b"ab", 4);
        text(&mut out, b"abcde", 4);
        assert_eq!(out, b"TCP ab  abcde");
    }

    #[test]
    fn a_cut_counts_from_where_the_column_starts() {
        let mut out = b"TCP abcdef".to_vec();
        cut(&mut out, 4, 8);
        assert_eq!(out, b"TCP abcdef");
        cut(&mut out, 4, 2);
        assert_eq!(out, b"TCP ab");
    }
}
