//! What a picture is made of, before anybody draws it.

/// A colour. The eight of Okabe and Ito, which differ for every kind of colour blindness, and three greys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Texts and frames.
    Black,
    /// Second-rank texts, axes.
    Grey,
    /// The grid, and what is not known.
    Pale,
    /// The ground.
    White,
    /// Bad.
    Vermillion,
    /// Doubtful.
    Orange,
    /// Being worked on.
    Sky,
    /// Neutral facts.
    Blue,
    /// Good.
    Green,
    /// A promise.
    Yellow,
    /// People who are called.
    Purple,
}

impl Ink {
    /// Red, green, blue.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Ink::Black => (0x1a, 0x1a, 0x1a),
            Ink::Grey => (0x59, 0x59, 0x59),
            Ink::Pale => (0xdd, 0xdd, 0xdd),
            Ink::White => (0xff, 0xff, 0xff),
            Ink::Vermillion => (0xd5, 0x5e, 0x00),
            Ink::Orange => (0xe6, 0x9f, 0x00),
            Ink::Sky => (0x56, 0xb4, 0xe9),
            Ink::Blue => (0x00, 0x72, 0xb2),
            Ink::Green => (0x00, 0x9e, 0x73),
            Ink::Yellow => (0xf0, 0xe4, 0x42),
            Ink::Purple => (0xcc, 0x79, 0xa7),
        }
    }
}

/// A sign: each means one thing, whatever its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// Good: a filled circle.
    Disc,
    /// Not known: a ring.
    Ring,
    /// Bad: a cross.
    Cross,
    /// Doubtful, a warning: a triangle.
    Triangle,
    /// Said, sent: a filled diamond.
    Diamond,
    /// Due: an empty diamond.
    Hollow,
    /// Somebody is called: a triangle on its tip.
    Call,
    /// A remark: a filled square.
    Square,
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// It begins there.
    Right,
    /// It is centred there.
    Middle,
    /// It ends there.
    Left,
}

/// One thing in a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled box.
    Box {
        /// Left, top, right, bottom.
        edges: [i32; 4],
        /// Its colour.
        ink: Ink,
    },
    /// Slanting lines within a box: what is not known.
    Hatch {
        /// Left, top, right, bottom.
        edges: [i32; 4],
        /// Their colour.
        ink: Ink,
    },
    /// A line through these points.
    Line {
        /// The points.
        points: Vec<(i32, i32)>,
        /// Its colour.
        ink: Ink,
        /// How thick.
        width: u32,
        /// In pieces.
        dashed: bool,
    },
    /// A sign.
    Mark {
        /// Its middle.
        at: (i32, i32),
        /// Which.
        sign: Sign,
        /// Its colour.
        ink: Ink,
        /// From its middle to its edge.
        size: i32,
    },
    /// A line of text; `at` is half way up.
    Text {
        /// Where.
        at: (i32, i32),
        /// What.
        text: String,
        /// How high.
        size: i32,
        /// Its colour.
        ink: Ink,
        /// On which side of `at`.
        side: Side,
    },
}

/// A picture that is not drawn yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// How wide, in points. 1,100 is twice what Discord shows, so letters of 24 are read as 12.
    pub width: u32,
    /// How high.
    pub height: u32,
    /// What stands in it, the lowest first.
    pub shapes: Vec<Shape>,
    /// The same in words.
    pub about: String,
}

impl Scene {
    /// An empty one.
    pub fn new(width: u32, height: u32) -> Self {
        Scene { width, height, shapes: Vec::new(), about: String::new() }
    }

    /// This one with another below it.
    #[must_use]
    pub fn above(mut self, below: Scene) -> Scene {
        let down = i32::try_from(self.height).unwrap_or(i32::MAX);
        self.shapes.extend(below.shapes.into_iter().map(|shape| shape.lower(down)));
        self.width = self.width.max(below.width);
        self.height = self.height.saturating_add(below.height);
        self.about = format!("{}\n{}", self.about, below.about).trim().to_owned();
        self
    }

    /// A filled box.
    pub fn area(&mut self, edges: [i32; 4], ink: Ink) {
        self.shapes.push(Shape::Box { edges, ink });
    }

    /// A thin straight line.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), ink: Ink) {
        self.shapes.push(Shape::Line { points: vec![from, to], ink, width: 2, dashed: false });
    }

    /// A thin straight line in pieces.
    pub fn dashes(&mut self, from: (i32, i32), to: (i32, i32), ink: Ink) {
        self.shapes.push(Shape::Line { points: vec![from, to], ink, width: 2, dashed: true });
    }

    /// A sign.
    pub fn mark(&mut self, at: (i32, i32), sign: Sign, ink: Ink) {
        self.shapes.push(Shape::Mark { at, sign, ink, size: 10 });
    }

    /// A line of text.
    pub fn text(&mut self, at: (i32, i32), text: impl Into<String>, size: i32, ink: Ink, side: Side) {
        self.shapes.push(Shape::Text { at, text: text.into(), size, ink, side });
    }
}

impl Shape {
    /// The same, further down.
    fn lower(mut self, down: i32) -> Self {
        match &mut self {
            Shape::Box { edges, .. } | Shape::Hatch { edges, .. } => {
                edges[1] += down;
                edges[3] += down;
            }
            Shape::Line { points, .. } => points.iter_mut().for_each(|point| point.1 += down),
            Shape::Mark { at, .. } | Shape::Text { at, .. } => at.1 += down,
        }
        self
    }
}
