//! What is refused where a network is declared, as rustc prints it under the user's own words.
//!
//! Input: a network's graph. Output: nothing, or a panic while compiling whose text is the whole message. Every function that
//! may panic is `#[track_caller]`, so that rustc points at the call, which `network!` places on the user's tokens.
//! Shapes that a refused layer leaves behind are not judged, so that one mistake is reported once.

mod arrivals;
mod gradients;
mod parameters;
#[cfg(test)]
mod tests;

use crate::graph::{Graph, Node, Source};
use crate::message::Message;
use crate::network::Network;
use crate::shape::Values;
use crate::tables::name;
use arrivals::{arity, is_told, values};
use gradients::differentiability;
use parameters::{of_budget, parameters};

/// Refuses what is wrong with a layer where it stands: its number of inputs and outputs, what their values are, their
/// shapes, and rules 1, 3, 4 and 5.
#[track_caller]
pub const fn check<N: Network>(at: usize) {
    let message = of_layer(N::GRAPH, at);
    if !message.is_empty() {
        refuse(&message);
    }
}

/// Rule 8: refuses a network whose training takes more than `bytes`.
#[track_caller]
pub const fn check_budget<N: Network>(bytes: usize) {
    let message = of_budget::<N>(bytes);
    if !message.is_empty() {
        refuse(&message);
    }
}

/// Refuses a shape of more axes than there may be, or with an extent of 0.
#[track_caller]
pub const fn check_source<N: Network>(at: usize, axes: usize) {
    let message = of_source(&N::GRAPH.sources[at], axes);
    if !message.is_empty() {
        refuse(&message);
    }
}

#[track_caller]
const fn refuse(message: &Message) -> ! {
    panic!("{}", message.as_str())
}

const fn of_source(source: &Source, axes: usize) -> Message {
    let mut message = Message::EMPTY;
    if axes > crate::shape::MAX_RANK {
        say(&mut message, &["`", source.name, "` has "]);
        message.number(axes as i64);
        message.text(" axes; the most there may be is ");
        message.number(crate::shape::MAX_RANK as i64);
        return message;
    }
    let mut axis = 0;
    while axis < source.shape.rank() {
        if source.shape.dim(axis) == 0 {
            say(&mut message, &["`", source.name, "` of shape "]);
            message.shape(&source.shape);
            message.text(" holds nothing: its extents must be at least 1");
            return message;
        }
        axis += 1;
    }
    if let Values::Below(0) = source.shape.values() {
        say(
            &mut message,
            &["`", source.name, "` holds integers below 0: there are none; say how many there are, as in `Class(10)`"],
        );
    }
    message
}

/// All that is wrong with a layer where it stands; empty when nothing is.
pub(crate) const fn of_layer(graph: &Graph, at: usize) -> Message {
    let mut message = Message::EMPTY;
    let node = &graph.nodes[at];
    arity(&mut message, node);
    // Whoever reads these numbers may rely on them.
    if !message.is_empty() {
        return message;
    }
    let (mut input, mut is_told_later) = (0, false);
    while input < node.inputs.len() {
        values(&mut message, graph, at, input);
        is_told_later = is_told_later || is_told(graph, at, input);
        input += 1;
    }
    if let Some(problem) = node.problem
        && message.is_empty()
        && !is_told_later
    {
        arrivals(&mut message, graph, node);
        message.message(problem);
    }
    let mut input = 0;
    while input < node.inputs.len() {
        differentiability(&mut message, graph, at, input);
        input += 1;
    }
    parameters(&mut message, graph, at);
    message
}

/// "`Conv2d` reads `image` of shape [1, 2, 28]: "
const fn arrivals(message: &mut Message, graph: &Graph, node: &Node) {
    begin(message);
    say(message, &["`", node.layer, "` reads "]);
    let mut input = 0;
    while input < node.reads.len() {
        let wire = node.reads[input];
        say(message, &[if input > 0 { " and `" } else { "`" }, name(graph, wire), "`"]);
        let shape = graph.shape(wire);
        if shape.is_known() {
            message.text(" of shape ");
            message.shape(&shape);
        }
        input += 1;
    }
    message.text(": ");
}

const fn begin(message: &mut Message) {
    if !message.is_empty() {
        message.text("\n\n");
    }
}

const fn say(message: &mut Message, texts: &[&str]) {
    let mut at = 0;
    while at < texts.len() {
        message.text(texts[at]);
        at += 1;
    }
}

const fn count(message: &mut Message, number: usize, one: &str, many: &str) {
    message.number(number as i64);
    message.text(" ");
    message.text(if number == 1 { one } else { many });
}
