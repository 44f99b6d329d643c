use chainrule::Network;

#[derive(Network)]
#[network { x: [8] -> chainrule::layers::Relu; }]
pub struct Net {
    pub size: usize,
}

#[derive(Network)]
pub struct Nothing;

fn main() {}
