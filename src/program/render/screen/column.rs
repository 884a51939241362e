//! The columns: titles, texts, order, and which of them a width has room for.

use super::scene::Cells;
use crate::ipvs::interval::Marks;
use crate::program::render::figures;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Connections,
    InPackets,
    OutPackets,
    InBytes,
    OutBytes,
    Active,
    Inactive,
    Persistent,
    Weight,
    Share,
    WeightShare,
    Marks,
}

/// From the left to the right.
pub const ALL: [Column; 13] = [
    Column::Name,
    Column::Connections,
    Column::InPackets,
    Column::OutPackets,
    Column::InBytes,
    Column::OutBytes,
    Column::Active,
    Column::Inactive,
    Column::Persistent,
    Column::Weight,
    Column::Share,
    Column::WeightShare,
    Column::Marks,
];

/// Those that a narrow terminal has room for come first.
const BY_IMPORTANCE: [Column; 12] = [
    Column::Connections,
    Column::Marks,
    Column::Active,
    Column::Share,
    Column::Weight,
    Column::WeightShare,
    Column::InBytes,
    Column::OutBytes,
    Column::InPackets,
    Column::OutPackets,
    Column::Inactive,
    Column::Persistent,
];
/// A name of this width has room for any IPv4 server.
const NAME: u16 = 28;
/// A name is not made smaller than this.
const LEAST_NAME: u16 = 20;
/// A name of this width has room for any address.
const WIDEST_NAME: u16 = 53;
/// The marks have room for the longest one before names get more.
const ONE_MARK: u16 = 15;
/// A terminal that is narrower has the smallest names.
const NARROW: u16 = 60;

/// The columns that are shown, and how wide the first and the last one are.
pub struct Layout {
    pub columns: Vec<Column>,
    pub name: u16,
    pub marks: u16,
}

impl Column {
    /// The title; `bits` is whether bytes are shown as bits.
    pub fn title(self, bits: bool) -> &'static str {
        match self {
            Self::Name => "Prot LocalAddress:Port",
            Self::Connections => "CPS",
            Self::InPackets => "InPPS",
            Self::OutPackets => "OutPPS",
            Self::InBytes if bits => "InBit/s",
            Self::OutBytes if bits => "OutBit/s",
            Self::InBytes => "InBPS",
            Self::OutBytes => "OutBPS",
            Self::Active => "Active",
            Self::Inactive => "InAct",
            Self::Persistent => "Persist",
            Self::Weight => "Weight",
            Self::Share => "Conn%",
            Self::WeightShare => "Weight%",
            Self::Marks => "Marks",
        }
    }

    /// The width, with a blank before the text; of the first and the last column the least.
    fn width(self) -> u16 {
        match self {
            Self::Name => LEAST_NAME,
            Self::Connections | Self::InPackets | Self::OutPackets | Self::Weight | Self::Active => 7,
            Self::Inactive | Self::Persistent | Self::WeightShare => 8,
            Self::InBytes | Self::OutBytes | Self::Marks => 9,
            Self::Share => 6,
        }
    }

    /// Appends the text of a row, but for the name.
    pub fn text(self, cells: &Cells<'_>, bits: bool, out: &mut Vec<u8>) {
        let bytes = |bytes: f64| if bits { bytes * 8.0 } else { bytes };
        let (rates, server) = (cells.rates, cells.server);
        let figure = match self {
            Self::Name => return,
            Self::Connections => figures::rate(rates.map(|rates| rates.connections)),
            Self::InPackets => figures::rate(rates.map(|rates| rates.in_packets)),
            Self::OutPackets => figures::rate(rates.and_then(|rates| rates.out_packets)),
            Self::InBytes => figures::rate(rates.map(|rates| bytes(rates.in_bytes))),
            Self::OutBytes => figures::rate(rates.and_then(|rates| rates.out_bytes).map(bytes)),
            Self::Active => figures::count(server.map(|(listed, _)| listed.active.into())),
            Self::Inactive => figures::count(server.map(|(listed, _)| listed.inactive.into())),
            Self::Persistent => figures::count(server.map(|(listed, _)| listed.persistent.into())),
            Self::Weight => figures::count(server.map(|(listed, _)| listed.server.weight.into())),
            Self::Share => figures::percent(server.and_then(|(_, figures)| figures.connection_share)),
            Self::WeightShare => figures::percent(server.and_then(|(_, figures)| figures.weight_share)),
            Self::Marks => {
                let words: Vec<_> = cells.marks().words().collect();
                return out.extend_from_slice(words.join(",").as_bytes());
            }
        };
        out.extend_from_slice(figure.text());
    }

    /// What a row is sorted by, the largest first; `None` for a row that says nothing here.
    pub fn rank(self, cells: &Cells<'_>) -> Option<f64> {
        let (rates, server) = (cells.rates, cells.server);
        match self {
            Self::Name => None,
            Self::Connections => rates.map(|rates| rates.connections),
            Self::InPackets => rates.map(|rates| rates.in_packets),
            Self::OutPackets => rates.and_then(|rates| rates.out_packets),
            Self::InBytes => rates.map(|rates| rates.in_bytes),
            Self::OutBytes => rates.and_then(|rates| rates.out_bytes),
            Self::Active => server.map(|(listed, _)| listed.active.into()),
            Self::Inactive => server.map(|(listed, _)| listed.inactive.into()),
            Self::Persistent => server.map(|(listed, _)| listed.persistent.into()),
            Self::Weight => server.map(|(listed, _)| listed.server.weight.into()),
            Self::Share => server.and_then(|(_, figures)| figures.connection_share),
            Self::WeightShare => server.and_then(|(_, figures)| figures.weight_share),
            Self::Marks => server.map(|(_, figures)| urgency(figures.marks)),
        }
    }
}

/// The more there is to do, the more.
fn urgency(marks: Marks) -> f64 {
    let by_urgency =
        [Marks::WEIGHT_0, Marks::MORE, Marks::FEWER, Marks::OVER_THRESHOLD, Marks::NO_REPLIES, Marks::SILENT];
    let place = by_urgency.iter().rposition(|mark| marks.contains(*mark));
    place.map_or(0.0, |place| place as f64 + 1.0)
}

impl Layout {
    /// What a terminal of this width has room for. The column that the rows are sorted by is among it, if any is.
    pub fn of(width: u16, sorted: Column) -> Self {
        let least = if width < NARROW { LEAST_NAME } else { NAME };
        let mut left = width.saturating_sub(least);
        let mut shown = vec![Column::Name];
        for column in [sorted].into_iter().chain(BY_IMPORTANCE) {
            if !shown.contains(&column) && column.width() <= left {
                left -= column.width();
                shown.push(column);
            }
        }
        let marks = left.min(ONE_MARK - Column::Marks.width());
        let name = (left - marks).min(WIDEST_NAME - least);
        let columns = ALL.into_iter().filter(|column| shown.contains(column)).collect();
        Self { columns, name: least.min(width) + name, marks: Column::Marks.width() + left - name }
    }

    /// The width of a column.
    pub fn width(&self, column: Column) -> u16 {
        match column {
            Column::Name => self.name,
            Column::Marks => self.marks,
            other => other.width(),
        }
    }
}
