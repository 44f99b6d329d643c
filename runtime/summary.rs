//! The table of a network's layers, as people know it from Keras and torchinfo, with a column for differentiability.

use crate::network::{Network, Port, Row};
use crate::site::Class;
use core::fmt;

/// What [`Network::summary`] returns: a table to print.
///
/// ```text
/// LeNet5                             image [1, 28, 28]
/// ─────────────────────────────────────────────────────
///  name   layer        output      parameters  class
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    name: &'static str,
    inputs: &'static [Port],
    targets: &'static [Port],
    rows: &'static [Row],
    parameters: usize,
    training_bytes: usize,
}

impl Summary {
    pub(crate) fn of<N: Network>() -> Summary {
        Summary {
            name: N::NAME,
            inputs: N::INPUTS,
            targets: N::TARGETS,
            rows: N::LAYERS,
            parameters: N::PARAMETERS,
            training_bytes: N::TRAINING_BYTES,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = vec![["name", "layer", "output", "parameters", "differentiable"].map(String::from)];
        for port in self.inputs {
            table.push([port.name.into(), "(input)".into(), port.shape.to_string(), String::new(), String::new()]);
        }
        for row in self.rows {
            table.push(cells(row));
        }
        let mut widths = [0; 5];
        for cells in &table {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = "─".repeat(widths.iter().sum::<usize>() + 2 * 4);
        writeln!(f, "{}\n{line}", self.name)?;
        for (at, [name, layer, output, parameters, class]) in table.iter().enumerate() {
            let [a, b, c, d, _] = widths;
            let text = format!("{name:a$}  {layer:b$}  {output:c$}  {parameters:>d$}  {class}");
            writeln!(f, "{}", text.trim_end())?;
            if at == 0 {
                writeln!(f, "{line}")?;
            }
        }
        writeln!(f, "{line}")?;
        let frozen: usize = self.rows.iter().filter(|row| !row.trains).map(|row| row.parameters).sum();
        write!(f, "parameters: {}", grouped(self.parameters))?;
        if frozen > 0 {
            write!(f, ", of which frozen: {}", grouped(frozen))?;
        }
        for target in self.targets {
            write!(f, "\ntarget: {} {}", target.name, target.shape)?;
        }
        write!(
            f,
            "\ntraining: {} bytes (parameters, gradients and one tile of sixteen samples)",
            grouped(self.training_bytes)
        )
    }
}

fn cells(row: &Row) -> [String; 5] {
    let outputs: Vec<String> = row.outputs.iter().map(ToString::to_string).collect();
    let parameters = match (row.parameters, row.trains) {
        (0, _) => String::new(),
        (count, true) => grouped(count),
        (count, false) => format!("{} (frozen)", grouped(count)),
    };
    let class = match row.class {
        Class::Smooth => "smooth".into(),
        Class::Piecewise => format!("piecewise ({})", row.why.primitive),
        Class::None => format!("no ({})", row.why.primitive),
    };
    [row.name.into(), row.layer.into(), outputs.join(", "), parameters, class]
}

/// `61706` as `61,706`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
