use super::*;
use crate::graph::{Node, Source};
use crate::shape::Shape;
use crate::site::{Class, Inference, Initialiser, Input, Memory, Output, Tensor, Training, Vjp, Want, Why};

const REGIONS: usize = 512;
const STEPS: usize = 64;

fn leak<T>(all: Vec<T>) -> &'static [T] {
    all.leak()
}

/// Numbers that look random and are the same in every run (Knuth's generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn input(kept: bool) -> Input {
    Input { name: "x", integer: false, target: false, class: Class::Smooth, why: Why::NOTHING, kept }
}

fn node(
    reads: Vec<usize>,
    kept: u8,
    write: usize,
    size: usize,
    wants: Vec<Want>,
    learns: bool,
    memory: Memory,
) -> Node {
    let tensor = Tensor {
        shape: if learns { Shape::new(&[1]) } else { Shape::ABSENT },
        initialiser: Initialiser::Zeros,
        fan_in: 1,
        fan_out: 1,
    };
    let inputs = (0..reads.len()).map(|at| input(kept >> at & 1 == 1)).collect();
    let shape = Shape::new(&[size]);
    Node {
        renews: false,
        renews_back: false,
        finishes: false,
        finishes_back: 0,
        overwrites: 0,
        where_above: false,
        name: "",
        expression: "",
        layer: "",
        instead: "",
        writes: leak(vec![write]),
        head: 0,
        like: 0,
        loss: false,
        aside: false,
        trains: true,
        inputs: leak(inputs),
        arrives: &[],
        resolved: &[],
        wants: leak(wants),
        outputs: leak(vec![Output { name: "y", integer: false, kept: kept >> 7 == 1 }]),
        shapes: leak(vec![shape]),
        parameters: &[],
        tensors: leak(vec![tensor]),
        memory,
        problem: None,
        reads: leak(reads),
    }
}

/// A network of some layers that read what stands before, mostly the last; with some that may work in place.
fn random(numbers: &mut Numbers, in_place: bool) -> Graph {
    let sources: Vec<Source> =
        (0..1 + numbers.below(2)).map(|_| Source::input("", Shape::new(&[1 + numbers.below(900)]))).collect();
    let mut wants = vec![Want::OnRequest; sources.len()];
    let count = 1 + numbers.below(40);
    let mut sizes: Vec<usize> = sources.iter().map(|source| source.shape.size()).collect();
    let nodes = (0..count).map(|at| {
        let wire = sources.len() + at;
        let reads: Vec<usize> = (0..1 + numbers.below(5) / 3)
            .map(|_| if numbers.below(4) > 0 { wire - 1 } else { numbers.below(wire) })
            .collect();
        let learns = numbers.below(3) == 0;
        let own: Vec<Want> = reads.iter().map(|&wire| wants[wire]).collect();
        let most = own.iter().copied().max().unwrap_or(Want::Never);
        wants.push(if learns { Want::Always } else { most });
        let mut some = |end| if numbers.below(3) == 0 { numbers.below(end) } else { 0 };
        let memory = Memory { once: 0, step: 0, saved: some(300), forward: some(200), backward: some(200) };
        let (kept, size) = (numbers.below(256) as u8, 1 + numbers.below(1000) / (1 + at));
        let renews = in_place && reads.len() == 1 && numbers.below(2) == 0;
        let size = if renews { sizes[reads[0]] } else { size };
        sizes.push(size);
        let renews_back = renews && numbers.below(3) > 0;
        let (finishes, finishes_back) =
            if in_place { (numbers.below(2) == 0, numbers.below(4) as u32) } else { (false, 0) };
        // (Of other numbers: those above decide cases that were seen.)
        let overwrites = finishes_back & (size as u32 >> 1);
        let plain = node(reads, kept, wire, size, own, learns, memory);
        Node { renews, renews_back, finishes, finishes_back, overwrites, where_above: size % 2 == 0, ..plain }
    });
    let nodes = leak(nodes.collect());
    Graph { results: leak(vec![sources.len() + count - 1]), sources: leak(sources), nodes, smooth: false, whole: true }
}

/// Without what has no place of its own.
fn places(layout: &Layout<REGIONS, STEPS>, graph: &Graph) -> Layout<REGIONS, STEPS> {
    let (mut own, slots) = (*layout, layout.slots);
    own.regions[slots.result(0)..].fill(Region::default());
    for wire in 0..slots.wires {
        if own.value_of[wire] != wire {
            own.regions[slots.value(wire)] = Region::default();
        }
        if own.gradient_of[wire] != wire {
            own.regions[slots.gradient(wire)] = Region::default();
        }
    }
    for (at, input) in overwritten(layout, graph) {
        own.regions[slots.gradient(graph.nodes[at].reads[input])] = Region::default();
    }
    own
}

/// The nodes and inputs whose gradients take the place of the values.
fn overwritten(layout: &Layout<REGIONS, STEPS>, graph: &Graph) -> Vec<(usize, usize)> {
    let inputs = |at: usize| (0..graph.nodes[at].reads.len()).map(move |input| (at, input));
    let all = (0..graph.nodes.len()).flat_map(inputs);
    all.filter(|(at, input)| layout.steps[*at].overwrites >> input & 1 == 1).collect()
}

fn overlap(layout: &Layout<REGIONS, STEPS>, a: usize, b: usize) -> bool {
    let (of_a, of_b) = (layout.regions[a], layout.regions[b]);
    let (life_a, life_b) = (layout.lives[a], layout.lives[b]);
    let in_space = of_a.start < of_b.start + of_b.length && of_b.start < of_a.start + of_a.length;
    in_space && of_a.length > 0 && of_b.length > 0 && life_a.0 <= life_b.1 && life_b.0 <= life_a.1
}

#[test]
fn what_is_alive_together_never_overlaps_and_little_is_lost() {
    // As seen; layers in place leave fewer regions to choose from.
    for (in_place, most) in [(false, 1.25), (true, 1.3)] {
        let mut numbers = Numbers(1);
        let (mut worst, mut sum) = ((0.0_f64, 0), 0.0);
        for case in 0..300 {
            let graph = random(&mut numbers, in_place);
            let slots = Slots::of(&graph);
            for purpose in [Purpose::of::<Inference>(), Purpose::of::<Training>(), Purpose::of::<Vjp>()] {
                let layout = places(&Layout::<REGIONS, STEPS>::new(&graph, purpose), &graph);
                for a in 0..slots.count() {
                    assert!(layout.regions[a].start + layout.regions[a].length <= layout.packs);
                    for b in 0..a {
                        assert!(!overlap(&layout, a, b), "case {case}: regions {a} and {b}");
                    }
                }
                let lost = layout.packs as f64 / layout.most_alive() as f64;
                sum += lost;
                worst = if lost > worst.0 { (lost, case) } else { worst };
            }
        }
        assert!(worst.0 <= most, "{worst:?}");
        assert!(sum / 900.0 <= 1.02, "{sum}");
    }
}

#[test]
fn very_many_regions_do_not_overlap_either() {
    let mut numbers = Numbers(3);
    let mut sum = 0.0;
    for case in 0..300 {
        let graph = random(&mut numbers, false);
        let mut layout = places(&Layout::<REGIONS, STEPS>::new(&graph, Purpose::of::<Training>()), &graph);
        (layout.regions, layout.packs) = layout.place_in_time();
        for a in 0..Slots::of(&graph).count() {
            assert!(layout.regions[a].start + layout.regions[a].length <= layout.packs);
            for b in 0..a {
                assert!(!overlap(&layout, a, b), "case {case}: regions {a} and {b}");
            }
        }
        sum += layout.packs as f64 / layout.most_alive() as f64;
    }
    assert!(sum / 300.0 <= 1.15, "{sum}");
}

crate::network! {
    struct LeNet5;
    image: [1, 28, 28]
        -> Conv2d::new(6, 5).padding(2) -> Relu -> MaxPool2d::new(2) -> Conv2d::new(16, 5) -> Relu -> MaxPool2d::new(2)
        -> Flatten -> Dense::new(120) -> Relu -> Dense::new(84) -> Relu -> logits: Dense::new(10);
    loss CrossEntropy(logits, label: Class(10));
}
use crate::layers::{Conv2d, Dense, Flatten, MaxPool2d, Relu};
use crate::losses::CrossEntropy;

#[test]
fn lenet_wastes_little() {
    let layout = Layout::<REGIONS, STEPS>::new(LeNet5::GRAPH, Purpose::of::<Training>());
    assert_eq!(LeNet5::plan::<Training>().packs, layout.packs);
    assert!(layout.packs as f64 <= 1.03 * places(&layout, LeNet5::GRAPH).most_alive() as f64, "{} packs", layout.packs);
    // All activations work in place, as part of the convolutions and dense layers before; so does what changes the shape alone.
    let (relus, flatten) = ([1, 4, 8, 10], 6);
    let in_place = |at: usize| relus.contains(&at) || at == flatten;
    assert!((0..LeNet5::GRAPH.nodes.len()).all(|at| layout.steps[at].in_place == in_place(at)));
    assert!(relus.iter().all(|&at| layout.steps[at].merged && layout.steps[at - 1].then == Some(at)));
    // What pooling passes back takes the place of what it has read.
    assert_eq!(overwritten(&layout, LeNet5::GRAPH), [(2, 0), (5, 0)]);
}

/// Whatever takes the place of a value or a gradient, nobody misses it: neither the caller nor another layer, forward or back; and there it is for
/// as long as it is read.
#[test]
fn what_is_replaced_is_read_by_nobody_later() {
    let mut numbers = Numbers(4);
    let (mut found, mut found_back, mut found_over) = (0, 0, 0);
    for case in 0..300 {
        let graph = random(&mut numbers, true);
        let (slots, middle) = (Slots::of(&graph), graph.nodes.len());
        for purpose in [Purpose::of::<Inference>(), Purpose::of::<Training>(), Purpose::of::<Vjp>()] {
            let layout = Layout::<REGIONS, STEPS>::new(&graph, purpose);
            for (at, input) in overwritten(&layout, &graph) {
                found_over += 1;
                let (node, step) = (&graph.nodes[at], layout.steps[at]);
                let wire = node.reads[input];
                let place = layout.value_of[wire];
                assert_eq!(layout.regions[slots.gradient(wire)], layout.regions[slots.value(place)], "case {case}");
                assert!(step.backward && !step.in_place && (step.fresh & node.overwrites) >> input & 1 == 1);
                assert!(wire >= graph.sources.len(), "case {case}: a source is replaced");
                // Who runs back later reads nothing there, but for what is done in passing.
                for (other, later) in graph.nodes[..at].iter().enumerate().filter(|(at, _)| layout.steps[*at].backward)
                {
                    let reads = later.reads.iter().enumerate().filter(|(input, _)| later.keeps(*input));
                    assert!(reads.clone().all(|(_, wire)| layout.value_of[*wire] != place), "case {case}");
                    let kept = later.outputs[0].kept && layout.value_of[later.writes[0]] == place;
                    assert!(!kept || (step.then_back == Some((input, other)) && later.where_above), "case {case}");
                }
            }
            for (at, node) in graph.nodes.iter().enumerate().filter(|(at, _)| layout.steps[*at].in_place) {
                found += 1;
                let (from, to) = (node.reads[0], node.writes[0]);
                let Some(writer) = graph.producer(from) else { panic!("case {case}: a source is replaced") };
                assert!(!graph.results.contains(&from), "case {case}");
                assert!(graph.nodes.iter().enumerate().all(|(other, node)| other == at || !node.reads.contains(&from)));
                if purpose.backward {
                    assert!(node.renews_back && !node.keeps(0) && !graph.nodes[writer].outputs[0].kept, "case {case}");
                }
                assert_eq!(layout.regions[slots.value(from)], layout.regions[slots.value(to)], "case {case}");
                let merged = layout.steps[at].merged;
                assert_eq!(
                    merged,
                    graph.nodes[writer].finishes
                        && !layout.steps[writer].in_place
                        && layout.steps[writer].then == Some(at)
                );
                let life = layout.lives[slots.value(layout.value_of[to])];
                let readers = graph.nodes.iter().enumerate().filter(|(_, node)| node.reads.contains(&to));
                assert!(readers.clone().all(|(reader, _)| life.0 <= writer && reader <= life.1), "case {case}");
                if layout.steps[at].backward && layout.steps[at].adds != 0 {
                    assert_eq!(layout.regions[slots.gradient(from)], layout.regions[slots.gradient(to)], "case {case}");
                    assert!(layout.lives[slots.gradient(layout.gradient_of[from])].1 >= 2 * middle - writer);
                }
                let merged = layout.steps[at].merged_back;
                found_back += usize::from(merged);
                let by = (0..middle).filter(|by| layout.steps[*by].then_back.is_some_and(|(_, then)| then == at));
                assert_eq!(by.clone().count(), usize::from(merged), "case {case}");
                // Its reader sets the whole gradient, and nobody adds to it.
                for by in by {
                    let (step, readers) = (layout.steps[by], graph.nodes.iter().flat_map(|node| node.reads));
                    let Some((input, _)) = step.then_back else { continue };
                    assert!(
                        step.backward
                            && !step.in_place
                            && step.fresh >> input & 1 == 1
                            && graph.nodes[by].reads[input] == to
                    );
                    assert!(graph.nodes[by].finishes_back >> input & 1 == 1 && !graph.results.contains(&to));
                    assert_eq!(readers.filter(|wire| **wire == to).count(), 1, "case {case}");
                }
            }
        }
    }
    assert!(found > 1000 && found_back > 20 && found_over > 20, "{found} {found_back} {found_over}");
}

/// Every gradient that a layer adds to was zeroed or filled before, is there as long as it is needed, and every layer that
/// learns runs.
#[test]
fn gradients_are_there_when_they_are_needed() {
    let mut numbers = Numbers(2);
    for case in 0..600 {
        let graph = random(&mut numbers, case >= 300);
        let slots = Slots::of(&graph);
        let middle = graph.nodes.len();
        for purpose in [Purpose::of::<Training>(), Purpose::of::<Vjp>()] {
            let layout = Layout::<REGIONS, STEPS>::new(&graph, purpose);
            let mut filled = vec![false; graph.wires()];
            filled[graph.results[0]] = true;
            for at in (0..middle).rev() {
                let (node, step) = (&graph.nodes[at], layout.steps[at]);
                let lives_at = |slot: usize| (layout.lives[slot].0..=layout.lives[slot].1).contains(&(2 * middle - at));
                let lives = |slot: usize| match slot.checked_sub(slots.wires) {
                    None => lives_at(slots.value(layout.value_of[slot])),
                    Some(wire) if wire < slots.wires => lives_at(slots.gradient(layout.gradient_of[wire])),
                    Some(_) => lives_at(slot),
                };
                if !step.backward {
                    continue;
                }
                assert!(
                    filled[node.writes[0]] && step.blank == 0 && lives(slots.gradient(node.writes[0])),
                    "case {case}"
                );
                assert!(lives(slots.saved(at)) || node.memory.saved == 0);
                for (input, &wire) in node.reads.iter().enumerate() {
                    assert!(!node.keeps(input) || lives(slots.value(wire)), "case {case}");
                    filled[wire] |= step.fresh >> input & 1 == 1;
                    assert!(step.adds >> input & 1 == 0 || filled[wire] && lives(slots.gradient(wire)), "case {case}");
                }
            }
            let upstream = graph.upstream(middle - 1, 0);
            for (at, node) in graph.nodes.iter().enumerate().take(middle - 1) {
                let first_input_leads_there = upstream.has(node.writes[0]);
                assert!(!first_input_leads_there || !node.learns() || layout.steps[at].backward, "case {case}");
            }
        }
    }
}
