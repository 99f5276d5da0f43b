//! A key of the configuration: its name, meaning, type, default and example, said once.
//!
//! The reader takes the default from here, the reference is printed from here, and the type decides how the value is
//! read, so that the three cannot differ.

use std::marker::PhantomData;

use super::value::FromValue;

/// One key whose value is a `T`.
pub struct Key<T> {
    /// The name in the file.
    pub name: &'static str,
    /// One or two sentences for the reference.
    pub meaning: &'static str,
    /// TOML text that holds where the key is absent.
    pub default: Option<&'static str>,
    /// TOML text for the reference; the default serves where there is none.
    pub example: Option<&'static str>,
    /// Whether a changed value needs a new start.
    pub change: Change,
    /// Whether the table is refused without it.
    pub need: Need,
    /// Whether something follows from it.
    pub effect: Effect,
    value: PhantomData<fn() -> T>,
}

/// Whether something follows from a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does what it says.
    InForce,
    /// It is read and judged, and nothing uses it yet: the reference and `config check` say so.
    NotYet,
}

/// Whether a table is refused without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It may stay out.
    Optional,
    /// It must be there.
    Needed,
}

/// When a changed value takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// On reload.
    OnReload,
    /// With a new start only.
    OnRestart,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// A key that may stay out.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            default: None,
            example: None,
            change: Change::OnReload,
            need: Need::Optional,
            effect: Effect::InForce,
            value: PhantomData,
        }
    }

    /// With the TOML text that holds where the key is absent.
    pub const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    /// With the TOML text that the reference shows.
    pub const fn example(mut self, text: &'static str) -> Self {
        self.example = Some(text);
        self
    }

    /// A key without which the table is refused.
    pub const fn needed(mut self) -> Self {
        self.need = Need::Needed;
        self
    }

    /// A key that is read, and that nothing uses yet.
    pub const fn not_yet(mut self) -> Self {
        self.effect = Effect::NotYet;
        self
    }

    /// A key whose change needs a new start.
    pub const fn on_restart(mut self) -> Self {
        self.change = Change::OnRestart;
        self
    }
}

/// A key without its type, for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// See [`Key::name`].
    pub name: &'static str,
    /// See [`Key::meaning`].
    pub meaning: &'static str,
    /// What values are taken, such as "a duration".
    pub kind: &'static str,
    /// What the entries of a list are.
    pub entry: Option<&'static str>,
    /// See [`Key::default`].
    pub default: Option<&'static str>,
    /// See [`Key::example`].
    pub example: Option<&'static str>,
    /// See [`Key::change`].
    pub change: Change,
    /// See [`Key::need`].
    pub need: Need,
    /// See [`Key::effect`].
    pub effect: Effect,
}

/// A key of any type.
pub trait AnyKey: Sync {
    /// Everything but the type.
    fn described(&self) -> Described;
}

impl<T: FromValue> AnyKey for Key<T> {
    fn described(&self) -> Described {
        Described {
            name: self.name,
            meaning: self.meaning,
            kind: T::KIND,
            entry: T::ENTRY,
            default: self.default,
            example: self.example,
            change: self.change,
            need: self.need,
            effect: self.effect,
        }
    }
}

/// A table of the file, such as `[service.<name>]`.
pub struct Section {
    /// The heading as it is written in the file, with `<name>` for what the organisation chooses.
    pub heading: &'static str,
    /// What the section is for.
    pub meaning: &'static str,
    /// Its keys in the order of the reference.
    pub keys: &'static [&'static dyn AnyKey],
}
