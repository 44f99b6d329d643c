//! An evaluator of the IR in f64, one number at a time: for the checks that try a layer at sampled fields, extents and values,
//! and for tests of the derivation. It shares nothing with the code that is emitted.

use std::collections::HashMap;

use super::ir::{
    BATCH, Comparison, Distribution, Expr, Extent, FieldId, IndexId, Layer, Outside, Reduce, Reduction, Role, TensorId,
    Type, Value,
};

/// A layer at certain fields and extents, with certain values of inputs and parameters.
#[derive(Clone)]
pub(crate) struct Machine<'a> {
    pub layer: &'a Layer,
    pub fields: Vec<Vec<f64>>,
    /// Of the indices that introduce a name.
    pub extents: HashMap<IndexId, i64>,
    pub training: bool,
    /// Values of inputs, targets, parameters and draws come from here, unless they were set.
    pub seed: u64,
    /// Where in their ranges all integers that arrive stand, from 0 to below 1, instead of anywhere.
    pub corner: Option<f64>,
    pub is_smallest: bool,
    pub set: HashMap<(TensorId, Vec<i64>), f64>,
    /// How far real leaves stand on the line from one set of values to another.
    pub along: f64,
    pub cache: HashMap<(TensorId, Vec<i64>), f64>,
    /// Steps left, so that a check never takes long.
    pub fuel: u64,
}

/// Where indices stand. They are few: a search from the end is faster than hashing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indices(Vec<(IndexId, i64)>);

impl Indices {
    pub(crate) fn new() -> Indices {
        Indices::default()
    }

    pub(crate) fn insert(&mut self, index: IndexId, position: i64) {
        match self.0.iter_mut().find(|(known, _)| *known == index) {
            Some((_, known)) => *known = position,
            None => self.0.push((index, position)),
        }
    }

    pub(crate) fn get(&self, index: &IndexId) -> Option<&i64> {
        self.0.iter().rev().find(|(known, _)| known == index).map(|(_, position)| position)
    }
}

impl FromIterator<(IndexId, i64)> for Indices {
    fn from_iter<I: IntoIterator<Item = (IndexId, i64)>>(all: I) -> Indices {
        let mut indices = Indices::new();
        all.into_iter().for_each(|(index, position)| indices.insert(index, position));
        indices
    }
}

/// The value of an expression without names.
#[cfg(test)]
pub(crate) fn constant(expr: &Expr) -> Option<f64> {
    let layer = Layer {
        name: quote::format_ident!("none"),
        fields: vec![],
        indices: vec![],
        tensors: vec![],
        params: vec![],
        definitions: vec![],
        requires: vec![],
    };
    Machine::new(&layer, 0).value(expr, &Indices::new())
}

/// A number in 0..1 for a key: splitmix64.
pub(crate) fn noise(seed: u64, keys: &[i64]) -> f64 {
    let mut state = seed;
    for key in keys {
        state = (state ^ (*key as u64)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 31;
    }
    (state >> 11) as f64 / (1u64 << 53) as f64
}

impl<'a> Machine<'a> {
    pub(crate) fn new(layer: &'a Layer, seed: u64) -> Machine<'a> {
        Machine {
            layer,
            fields: vec![],
            extents: HashMap::new(),
            training: true,
            seed,
            corner: None,
            is_smallest: false,
            set: HashMap::new(),
            along: 0.0,
            cache: HashMap::new(),
            fuel: 2_000_000,
        }
    }

    /// Fields and extents at random, such that every extent is positive and every requirement holds; `None` if none is found.
    pub(crate) fn sampled(layer: &'a Layer, seed: u64) -> Option<Machine<'a>> {
        (0..400).find_map(|attempt| {
            let mut machine = Machine::new(layer, seed.wrapping_mul(1000).wrapping_add(attempt));
            machine.draw_fields();
            machine.draw_extents().then_some(machine)
        })
    }

    fn draw_fields(&mut self) {
        for (at, field) in self.layer.fields.iter().enumerate() {
            let count = if field.is_array() { 4 } else { 1 };
            let values = (0..count).map(|k| {
                let u = noise(self.seed, &[1, at as i64, k]);
                match field.value_type() {
                    Type::Int => (u * u * 5.0).floor(),
                    Type::Real => (u * 40.0).ceil() / 16.0,
                    Type::Bool => f64::from(u < 0.5),
                }
            });
            self.fields.push(values.collect());
        }
    }

    fn draw_extents(&mut self) -> bool {
        for at in 1..self.layer.indices.len() {
            if let Extent::Arrives { .. } | Extent::Rest { .. } = self.layer.indices[at].extent {
                let u = noise(self.seed, &[2, at as i64]);
                self.extents.insert(IndexId(at), if self.is_smallest { 1 } else { 1 + (u * 7.0) as i64 });
            }
        }
        // A formula may mention indices that stand behind it.
        for _ in 0..self.layer.indices.len() {
            for at in 1..self.layer.indices.len() {
                if let Extent::Given(formula) = &self.layer.indices[at].extent
                    && let Some(value) = self.value(formula, &Indices::new())
                {
                    self.extents.insert(IndexId(at), value as i64);
                }
            }
        }
        let layer = self.layer;
        let positive = (1..layer.indices.len()).all(|at| match &layer.indices[at].extent {
            Extent::Given(formula) => {
                self.extents.get(&IndexId(at)).is_some_and(|n| (1..=4096).contains(n)) && self.exact(formula)
            }
            Extent::Arrives { .. } | Extent::Rest { .. } => true,
            _ => true,
        });
        positive && layer.requires.iter().all(|require| self.value(&require.condition, &Indices::new()) == Some(1.0))
    }

    /// Whether a whole extent that is a quotient has no remainder.
    pub(crate) fn exact(&mut self, formula: &Expr) -> bool {
        match formula {
            Expr::Call(primitive, both, _) if primitive.is("floor_div") => {
                let (a, b) = (self.value(&both[0], &Indices::new()), self.value(&both[1], &Indices::new()));
                matches!((a, b), (Some(a), Some(b)) if b != 0.0 && a % b == 0.0)
            }
            _ => true,
        }
    }

    pub(crate) fn extent(&self, index: IndexId) -> Option<i64> {
        if index == BATCH { Some(1) } else { self.extents.get(&self.layer.origin(index)).copied() }
    }

    fn field(&self, field: FieldId, at: usize) -> Option<f64> {
        self.fields.get(field.0)?.get(at).copied()
    }

    /// The value of an expression where the indices stand at these positions; conditions are 0 or 1. `None` when it cannot be had.
    pub(crate) fn value(&mut self, expr: &Expr, at: &Indices) -> Option<f64> {
        self.fuel = self.fuel.checked_sub(1)?;
        Some(match expr {
            Expr::Int(value) => *value as f64,
            Expr::Real(value) => *value,
            Expr::Bool(value) => f64::from(*value),
            Expr::Index(index) => *at.get(index)? as f64,
            Expr::Len(index) => self.extent(*index)? as f64,
            Expr::Field(field) => self.field(*field, 0)?,
            Expr::Element(field, element) => {
                let element = self.value(element, at)?;
                self.field(*field, element as usize % 4)?
            }
            Expr::Training => f64::from(self.training),
            Expr::Read(tensor, positions, _) => {
                let mut place = vec![];
                for position in positions {
                    place.push(self.value(position, at)? as i64);
                }
                self.read(*tensor, place)?
            }
            Expr::Call(primitive, arguments, _) => {
                let mut values = vec![];
                for argument in arguments {
                    values.push(self.value(argument, at)?);
                }
                primitive.evaluate(&values)
            }
            Expr::Compare(comparison, both) => {
                let (a, b) = (self.value(&both[0], at)?, self.value(&both[1], at)?);
                f64::from(match comparison {
                    Comparison::Less => a < b,
                    Comparison::LessEqual => a <= b,
                    Comparison::Equal => a == b,
                    Comparison::NotEqual => a != b,
                })
            }
            Expr::And(both) => f64::from(self.value(&both[0], at)? == 1.0 && self.value(&both[1], at)? == 1.0),
            Expr::Or(both) => f64::from(self.value(&both[0], at)? == 1.0 || self.value(&both[1], at)? == 1.0),
            Expr::Not(one) => 1.0 - self.value(one, at)?,
            Expr::If(three, _) => {
                let branch = if self.value(&three[0], at)? == 1.0 { 1 } else { 2 };
                self.value(&three[branch], at)?
            }
            Expr::Reduce(reduce) => self.reduce(reduce, at)?,
            Expr::Stop(one, _) => self.value(one, at)?,
            Expr::StraightThrough(both) => self.value(&both[0], at)?,
        })
    }

    fn reduce(&mut self, reduce: &Reduce, at: &Indices) -> Option<f64> {
        let lens: Vec<i64> = reduce.indices.iter().map(|index| self.extent(*index)).collect::<Option<_>>()?;
        let mut result = match reduce.kind {
            Reduction::Sum | Reduction::Count => 0.0,
            Reduction::Product => 1.0,
            Reduction::Maximum | Reduction::ArgMaximum => f64::NEG_INFINITY,
            Reduction::Minimum | Reduction::ArgMinimum => f64::INFINITY,
        };
        if lens.contains(&0) {
            return Some(if matches!(reduce.kind, Reduction::ArgMaximum | Reduction::ArgMinimum) {
                0.0
            } else {
                result
            });
        }
        // A condition is looked at as soon as its indices stand, and those of the conditions before it, which guard it.
        let depth = |condition: &Expr| {
            reduce.indices.iter().rposition(|index| condition.mentions(*index)).map_or(0, |at| at + 1)
        };
        let mut depths: Vec<usize> = reduce.conditions.iter().map(depth).collect();
        for at in 1..depths.len() {
            depths[at] = depths[at].max(depths[at - 1]);
        }
        let mut best = 0.0;
        let mut inner = at.clone();
        // Row-major, an odometer whose wheels before `from` have just moved.
        let mut wheels = vec![0; lens.len()];
        let mut from = 0;
        'all: loop {
            for (index, wheel) in reduce.indices.iter().zip(&wheels).skip(from.max(1) - 1) {
                inner.insert(*index, *wheel);
            }
            let mut step = lens.len();
            let mut holds = true;
            for (condition, depth) in reduce.conditions.iter().zip(&depths) {
                if *depth < from {
                    continue;
                }
                if self.value(condition, &inner)? != 1.0 {
                    (holds, step) = (false, *depth);
                    break;
                }
            }
            if holds {
                let value = self.value(&reduce.body, &inner)?;
                match reduce.kind {
                    Reduction::Sum => result += value,
                    Reduction::Count => result += 1.0,
                    Reduction::Product => result *= value,
                    Reduction::Maximum => result = if value > result { value } else { result },
                    Reduction::Minimum => result = if value < result { value } else { result },
                    Reduction::ArgMaximum if value > result => (result, best) = (value, flat(&wheels, &lens)),
                    Reduction::ArgMinimum if value < result => (result, best) = (value, flat(&wheels, &lens)),
                    Reduction::ArgMaximum | Reduction::ArgMinimum => {}
                }
            }
            // The innermost wheel that the outcome depends on moves on; those inside it start again.
            for wheel in &mut wheels[step..] {
                *wheel = 0;
            }
            loop {
                let Some(outer) = step.checked_sub(1) else { break 'all };
                wheels[outer] += 1;
                if wheels[outer] < lens[outer] {
                    from = step;
                    break;
                }
                wheels[outer] = 0;
                step = outer;
            }
        }
        Some(if matches!(reduce.kind, Reduction::ArgMaximum | Reduction::ArgMinimum) { best } else { result })
    }

    /// An element of a tensor; positions outside are handled as the tensor says.
    pub(crate) fn read(&mut self, tensor: TensorId, mut place: Vec<i64>) -> Option<f64> {
        let layer = self.layer;
        let declared = layer.tensor(tensor);
        for (position, index) in place.iter_mut().zip(declared.indices()) {
            let len = self.extent(index)?;
            if (0..len).contains(position) {
                continue;
            }
            match &declared.outside {
                Some(Outside::Value(value)) => return self.value(value, &Indices::new()),
                Some(Outside::Nearest) => *position = (*position).clamp(0, len - 1),
                Some(Outside::Wrap) => *position = position.rem_euclid(len),
                Some(Outside::Reflect) => *position = reflect(*position, len),
                None => return None,
            }
        }
        let key = (tensor, place);
        if let Some(value) = self.set.get(&key).or_else(|| self.cache.get(&key)) {
            return Some(*value);
        }
        let at: Indices = declared.indices().into_iter().zip(key.1.iter().copied()).collect();
        let value = match layer.definition(tensor).map(|definition| &definition.value) {
            Some(Value::Formula(value)) => self.value(value, &at)?,
            Some(Value::Draw(distribution, arguments)) => {
                let u = self.random(&key);
                let mut values = vec![];
                for argument in arguments {
                    values.push(self.value(argument, &at)?);
                }
                match (distribution, values.as_slice()) {
                    (Distribution::Bernoulli, [p]) => f64::from(u < *p),
                    (Distribution::Uniform, [low, high]) => low + u * (high - low),
                    (Distribution::Normal, [mean, std]) => mean + std * (2.0 * u - 1.0),
                    _ => u,
                }
            }
            None => self.leaf(&key)?,
        };
        self.cache.insert(key, value);
        Some(value)
    }

    fn random(&self, key: &(TensorId, Vec<i64>)) -> f64 {
        let mut keys = vec![3, key.0.0 as i64];
        keys.extend(&key.1);
        noise(self.seed, &keys)
    }

    /// An input, target or parameter: between -2 and 2, or an integer below its bound.
    fn leaf(&mut self, key: &(TensorId, Vec<i64>)) -> Option<f64> {
        let layer = self.layer;
        let tensor = layer.tensor(key.0);
        if matches!(tensor.role, Role::Gradient(_))
            && layer.outputs().iter().all(|output| tensor.role != Role::Gradient(*output))
        {
            return Some(0.0);
        }
        let u = self.random(key);
        match &tensor.below {
            Some(below) => {
                let below = self.value(below, &Indices::new())?;
                Some((self.corner.unwrap_or(u) * below).floor())
            }
            None => {
                let other = noise(self.seed ^ 0x5555, &[key.0.0 as i64, key.1.iter().fold(7, |a, b| a * 31 + b)]);
                Some(4.0 * u - 2.0 + self.along * (4.0 * other - 2.0))
            }
        }
    }

    /// The same with all integers that arrive at one end of their ranges.
    pub(crate) fn cornered(&self, corner: f64) -> Machine<'a> {
        let mut machine = Machine { corner: Some(corner), ..self.clone() };
        machine.forget();
        machine
    }

    /// The same with a single element on every axis that arrives; `None` where that is not allowed.
    pub(crate) fn smallest(&self) -> Option<Machine<'a>> {
        let mut machine = self.clone();
        machine.forget();
        machine.is_smallest = true;
        machine.draw_extents().then_some(machine)
    }

    /// Forgets what was computed from values that have been set since.
    pub(crate) fn forget(&mut self) {
        self.cache.clear();
    }
}

fn flat(wheels: &[i64], lens: &[i64]) -> f64 {
    wheels.iter().zip(lens).fold(0, |position, (wheel, len)| position * len + wheel) as f64
}

/// `reflect` without the edge: …, 2, 1, 0, 1, 2, …
pub(crate) fn reflect(position: i64, len: i64) -> i64 {
    if len == 1 {
        return 0;
    }
    let period = 2 * (len - 1);
    let folded = position.rem_euclid(period);
    folded.min(period - folded)
}
