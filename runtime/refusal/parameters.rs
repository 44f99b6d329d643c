//! Parameters reach the loss, and without kinks where the network is to be smooth; and together they keep to the budget.

use super::gradients::reason;
use super::{begin, say};
use crate::graph::Graph;
use crate::message::Message;
use crate::network::Network;
use crate::site::Class;

/// Whether a layer has none, or the tuple of layers that begins with it.
const fn has_no_parameters(graph: &Graph, head: usize) -> bool {
    let mut at = head;
    while at < graph.nodes.len() && graph.nodes[at].head == head {
        if !graph.nodes[at].parameters.is_empty() {
            return false;
        }
        at += 1;
    }
    true
}

/// `frozen` has something to freeze; what learns reaches the loss, and (`#[smooth]`) without kinks.
pub(super) const fn parameters(message: &mut Message, graph: &Graph, at: usize) {
    let node = &graph.nodes[at];
    if !node.trains && node.head == at && has_no_parameters(graph, at) {
        begin(message);
        say(message, &["`", node.layer, "` has no parameters to keep from training\nhelp: leave out `frozen`"]);
    }
    if !node.learns() {
        return;
    }
    if graph.whole && node.aside {
        begin(message);
        say(message, &["the parameters of `", node.name, "` do not reach the loss, and could never learn"]);
        message.text("\nhelp: let the loss read what is computed with them, or write `frozen`\nrule: every parameter that trains reaches the loss");
    }
    let mut own = 0;
    while own < node.parameters.len() && own < node.tensors.len() {
        let parameter = &node.parameters[own];
        if graph.smooth && !matches!(parameter.class, Class::Smooth) && node.tensors[own].shape.size() > 0 {
            begin(message);
            say(
                message,
                &["`", node.layer, "` is not smooth in its parameter `", node.name, ".", parameter.checkpoint, "`: "],
            );
            reason(message, &parameter.why);
            message.text("\nhelp: take a smooth layer, or write `frozen`\nrule: in a network that is `#[smooth]`, every parameter that trains is reached without kinks");
        }
        own += 1;
    }
}

pub(super) const fn of_budget<N: Network>(bytes: usize) -> Message {
    let mut message = Message::EMPTY;
    if !N::GRAPH.whole || is_refused(N::GRAPH) || N::TRAINING_BYTES <= bytes {
        return message;
    }
    say(&mut message, &["training `", N::NAME, "` takes "]);
    message.number(N::TRAINING_BYTES as i64);
    message.text(" bytes, and the budget is ");
    message.number(bytes as i64);
    message.text("\nof them, parameters and their gradients: ");
    message.number(8 * N::PARAMETERS as i64);
    message.text("; the values and gradients of one tile of sixteen samples: ");
    message.number((N::TRAINING_BYTES - 8 * N::PARAMETERS) as i64);
    message.text("\nhelp: raise the budget, or take smaller layers\nrule: `#[budget(training = …)]` is an upper bound for `TRAINING_BYTES`");
    message
}

/// Whether any layer has a problem, so that nothing is known of the network's size.
const fn is_refused(graph: &Graph) -> bool {
    let mut at = 0;
    while at < graph.nodes.len() {
        if graph.nodes[at].problem.is_some() {
            return true;
        }
        at += 1;
    }
    false
}
