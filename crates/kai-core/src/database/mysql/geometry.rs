//! MySQL's geometries as well-known text.

use std::fmt::Write;

/// How deeply collections may hold collections.
const MAX_DEPTH: usize = 32;

/// A geometry as the server keeps it, four bytes for the reference system and then well-known
/// binary, as well-known text. None when it is none.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let (_reference_system, geometry) = bytes.split_at_checked(4)?;
    let mut reader = Reader(geometry);
    let mut text = String::new();
    reader.geometry(&mut text, true, 0)?;
    reader.0.is_empty().then_some(text)
}

/// Reads from the front of well-known binary.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// One geometry, with its name or only what stands in its parentheses.
    fn geometry(&mut self, out: &mut String, named: bool, depth: usize) -> Option<()> {
        // The servers write the lower byte first.
        let [1] = self.take::<1>()? else { return None };
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = self.u32()?;
        let name = match kind {
            1 => "POINT",
            2 => "LINESTRING",
            3 => "POLYGON",
            4 => "MULTIPOINT",
            5 => "MULTILINESTRING",
            6 => "MULTIPOLYGON",
            7 => "GEOMETRYCOLLECTION",
            _ => return None,
        };
        if named {
            out.push_str(name);
        }
        match kind {
            1 => {
                out.push('(');
                self.point(out)?;
                out.push(')');
                Some(())
            }
            2 => self.list(out, Self::point),
            3 => self.list(out, |reader, out| reader.list(out, Self::point)),
            _ => {
                let named = kind == 7;
                self.list(out, |reader, out| reader.geometry(out, named, depth + 1))
            }
        }
    }

    fn point(&mut self, out: &mut String) -> Option<()> {
        let x = f64::from_le_bytes(self.take()?);
        let y = f64::from_le_bytes(self.take()?);
        write!(out, "{x} {y}").ok()
    }

    /// A count, then as many parts.
    fn list(
        &mut self,
        out: &mut String,
        mut part: impl FnMut(&mut Self, &mut String) -> Option<()>,
    ) -> Option<()> {
        let count = self.u32()?;
        if count == 0 {
            out.push_str(" EMPTY");
            return Some(());
        }
        for index in 0..count {
            out.push(if index == 0 { '(' } else { ',' });
            part(self, out)?;
        }
        out.push(')');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point of well-known binary.
    fn point(x: f64, y: f64) -> Vec<u8> {
        let mut bytes = vec![1, 1, 0, 0, 0];
        bytes.extend(x.to_le_bytes());
        bytes.extend(y.to_le_bytes());
        bytes
    }

    fn stored(geometry: &[u8]) -> Vec<u8> {
        [&[0, 0, 0, 0], geometry].concat()
    }

    #[test]
    fn a_point_is_written_with_the_digits_it_needs() {
        let bytes = stored(&point(106.8, -6.0));
        assert_eq!(text(&bytes).as_deref(), Some("POINT(106.8 -6)"));
    }

    #[test]
    fn what_is_cut_or_too_long_or_too_deep_is_no_geometry() {
        let bytes = stored(&point(1.0, 2.0));
        for end in 0..bytes.len() {
            assert_eq!(text(bytes.get(..end).unwrap_or_default()), None);
        }
        assert_eq!(text(&[bytes, vec![0]].concat()), None);
        let one_inside: &[u8] = &[1, 7, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(text(&stored(&one_inside.repeat(10_000))), None);
        let many: &[u8] = &[1, 2, 0, 0, 0, 255, 255, 255, 255];
        assert_eq!(text(&stored(many)), None);
    }
}
