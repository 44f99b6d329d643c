//! The shape of one sample's tensor: extents, and what its values are. Everything is `const`, for shapes are computed
//! while compiling.

/// The most axes a tensor may have.
pub const MAX_RANK: usize = 8;

/// What a tensor's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Real numbers.
    Real,
    /// Integers from 0 to below this number: class labels, tokens.
    Below(usize),
}

/// The extents of one sample's tensor (the batch is not part of it), and what its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    dims: [usize; MAX_RANK],
    rank: usize,
    values: Values,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Known,
    /// A target declared by its values only (`label: Class(10)`): the loss says its extents.
    Inferred,
    /// What a refused layer leaves behind, so that one mistake is reported once.
    Unknown,
    /// A parameter that its fields leave out.
    Absent,
}

impl Shape {
    /// The result of a layer that was refused: whatever reads it is not judged.
    pub const UNKNOWN: Shape = Shape::with(&[], State::Unknown);
    /// A parameter that is left out: it has no elements.
    pub const ABSENT: Shape = Shape::with(&[], State::Absent);

    const fn with(dims: &[usize], state: State) -> Shape {
        let mut all = [0; MAX_RANK];
        let mut axis = 0;
        while axis < dims.len() && axis < MAX_RANK {
            all[axis] = dims[axis];
            axis += 1;
        }
        Shape { dims: all, rank: axis, values: Values::Real, state }
    }

    /// Real values of these extents. Axes beyond [`MAX_RANK`] are the caller's to refuse.
    pub const fn new(dims: &[usize]) -> Shape {
        Shape::with(dims, State::Known)
    }

    /// Integers below `count` whose extents the layer that reads them says.
    pub const fn inferred(count: usize) -> Shape {
        Shape { values: Values::Below(count), ..Shape::with(&[], State::Inferred) }
    }

    /// The same extents, holding integers below `count`.
    pub const fn below(self, count: usize) -> Shape {
        Shape { values: Values::Below(count), ..self }
    }

    /// The same extents and state, holding these values.
    pub const fn holding(self, values: Values) -> Shape {
        Shape { values, ..self }
    }

    /// What the values are.
    pub const fn values(&self) -> Values {
        self.values
    }

    /// How many axes.
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The extent of an axis; 0 beyond the rank.
    pub const fn dim(&self, axis: usize) -> usize {
        if axis < self.rank { self.dims[axis] } else { 0 }
    }

    /// The extents.
    pub const fn dims(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }

    /// How many elements: the product of the extents; 0 unless the shape is known.
    pub const fn size(&self) -> usize {
        let mut size = matches!(self.state, State::Known) as usize;
        let mut axis = 0;
        while axis < self.rank {
            size = size.saturating_mul(self.dims[axis]);
            axis += 1;
        }
        size
    }

    /// Whether the extents are known.
    pub const fn is_known(&self) -> bool {
        matches!(self.state, State::Known)
    }

    /// Whether the extents are the reading layer's to say.
    pub const fn is_inferred(&self) -> bool {
        matches!(self.state, State::Inferred)
    }

    /// Whether this stands for a refused layer's output.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.state, State::Unknown)
    }

    /// Whether this stands for a parameter that is left out.
    pub const fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent)
    }

    /// Whether both have the same extents.
    pub const fn same_dims(&self, other: &Shape) -> bool {
        if self.rank != other.rank {
            return false;
        }
        let mut axis = 0;
        while axis < self.rank {
            if self.dims[axis] != other.dims[axis] {
                return false;
            }
            axis += 1;
        }
        true
    }

    /// Whether both are the same, with their values.
    pub const fn same(&self, other: &Shape) -> bool {
        let values = match (self.values, other.values) {
            (Values::Real, Values::Real) => true,
            (Values::Below(count), Values::Below(other)) => count == other,
            _ => false,
        };
        values && self.state as u8 == other.state as u8 && self.same_dims(other)
    }
}

impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", self.dims())
    }
}
