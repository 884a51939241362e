//! A picture of the screen, as an SVG: what tmux says that is shown, cell by cell.

use std::fmt::Write;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::network::Network;
use crate::pane::Pane;
use crate::programs::Programs;
use crate::traffic::{Clients, Server};

const SIZE: (u16, u16) = (128, 20);
const TABLE: &str = "
    -A -t 192.0.2.1:80 -s wrr
    -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 1
    -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 3
    -A -t 192.0.2.3:80 -s sh -b sh-fallback
    -a -t 192.0.2.3:80 -r 10.0.1.2:8081 -m
    -a -t 192.0.2.3:80 -r 10.0.1.3:8081 -m
    -a -t 192.0.2.3:80 -r 10.0.1.4:8081 -m -w 0
    -A -t 192.0.2.5:80 -s rr
    -a -t 192.0.2.5:80 -r 10.0.1.5:8080 -m -x 2
    -a -t 192.0.2.5:80 -r 10.9.9.7:80 -m
    -A -t 192.0.2.2:80 -s rr
    -a -t 192.0.2.2:80 -r 10.0.1.4 -g
    -A -f 7 -s wlc -p 600
    -a -f 7 -r 10.0.1.4:0 -g";
/// The width and the height of a cell.
const CELL: (f64, f64) = (7.8, 17.0);

/// Has traffic of all kinds, and takes the picture.
pub fn take(programs: &Programs) -> Result<String> {
    let network = Network::new()?;
    for (address, bytes) in [
        ("10.0.1.2:8080", 3000),
        ("10.0.1.3:8080", 3000),
        ("10.0.1.2:8081", 200),
        ("10.0.1.3:8081", 200),
        ("10.0.1.5:8080", 500),
        ("192.0.2.2:80", 9000),
    ] {
        Server::start(&network, address, bytes)?;
    }
    programs.ours(TABLE)?;
    let pane = Pane::start(programs, SIZE, &[], "-Ln --watch=6")?;
    let pace = |millis| Duration::from_millis(millis);
    let _clients = [
        Clients::start(&network, "192.0.2.100:0", "192.0.2.1:80", pace(20), true)?,
        Clients::start(&network, "192.0.2.100:0", "192.0.2.3:80", pace(45), true)?,
        Clients::start(&network, "192.0.2.100:0", "192.0.2.5:80", pace(150), false)?,
        Clients::start(&network, "192.0.2.101:0", "192.0.2.2:80", pace(30), true)?,
    ];
    pane.wait_for("silent")?;
    pane.press("Down Down")?;
    thread::sleep(Duration::from_secs(7));
    Ok(svg(&pane.coloured()?))
}

/// How a cell is shown.
#[derive(Clone, Copy, Default, PartialEq)]
struct Look {
    bold: bool,
    dim: bool,
    underlined: bool,
    reversed: bool,
    colour: Option<&'static str>,
}

impl Look {
    /// Takes in the numbers of one sequence.
    fn change(&mut self, numbers: &str) {
        // Colours by their place in a palette, and the eight old ones, are the same here.
        let numbers = numbers.replace("38;5;1", "31").replace("38;5;3", "33");
        for number in numbers.split(';') {
            match number {
                "" | "0" => *self = Self::default(),
                "1" => self.bold = true,
                "2" => self.dim = true,
                "4" => self.underlined = true,
                "7" => self.reversed = true,
                "31" => self.colour = Some("#ff6b68"),
                "33" => self.colour = Some("#e5c07b"),
                "39" => self.colour = None,
                _ => {}
            }
        }
    }
}

/// What is shown, in pieces that look the same.
fn pieces(line: &str, look: &mut Look) -> Vec<(Look, String)> {
    let mut pieces = Vec::new();
    for (number, part) in line.split("\x1b[").enumerate() {
        let text = match (number, part.split_once('m')) {
            (0, _) | (_, None) => part,
            (_, Some((numbers, text))) => {
                look.change(numbers);
                text
            }
        };
        if !text.is_empty() {
            pieces.push((*look, text.to_owned()));
        }
    }
    pieces
}

fn svg(screen: &str) -> String {
    let (width, height) = (f64::from(SIZE.0) * CELL.0 + 16.0, f64::from(SIZE.1) * CELL.1 + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1e2127\"/>\n"
    );
    let mut look = Look::default();
    for (line, y) in screen.lines().zip(0..) {
        let top = 8.0 + f64::from(y) * CELL.1;
        let mut x = 8.0;
        for (look, text) in pieces(line, &mut look) {
            let length = text.chars().count() as f64 * CELL.0;
            let plain = look.colour.unwrap_or(if look.dim { "#8b919b" } else { "#d7dae0" });
            if look.reversed {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"17\" fill=\"{plain}\"/>"
                );
            }
            let fill = if look.reversed { "#1e2127" } else { plain };
            let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
            let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
            // Each word has its own place, whatever a renderer makes of blanks and widths.
            let mut place = x;
            for word in text.split(' ') {
                let long = word.chars().count() as f64 * CELL.0;
                if !word.is_empty() {
                    let shown = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                    let base = top + 13.0;
                    let _ = writeln!(
                        svg,
                        "<text x=\"{place:.1}\" y=\"{base:.1}\" textLength=\"{long:.1}\" fill=\"{fill}\"{weight}{line}>{shown}</text>"
                    );
                }
                place += long + CELL.0;
            }
            x += length;
        }
    }
    svg + "</svg>"
}
