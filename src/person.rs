//! Who acts, and what is personal.
//!
//! 1. Everything that could name a person in a stored event is a [`Person`] or a [`Personal`] text.
//! 2. Both serialise under the one marker `$personal` with the number of the person they belong to.
//! 3. The store seals every value under that marker with a key of that person, kept outside the journal.
//! 4. Forgetting destroys the key: the value then reads back as [`FORGOTTEN`], and everything still verifies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, RoleId};

/// What stands where a person was forgotten.
pub const FORGOTTEN: &str = "(forgotten)";

/// A person as the chat knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PersonForm", into = "PersonForm")]
pub struct Person {
    /// Number in the chat; 0 once forgotten.
    pub id: PersonId,
    /// Name shown at the time.
    pub name: String,
}

/// A text that says something about the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TextForm", into = "TextForm")]
pub struct Personal {
    /// Whose text it is.
    pub of: PersonId,
    /// The text.
    pub text: String,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody in the chat, on the status page or on the local socket.
    Person(Person),
    /// Watchpost by itself.
    Watchpost,
}

impl Actor {
    /// The person, where it was one.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Actor::Person(person) => Some(person),
            Actor::Watchpost => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Person(person) => f.write_str(&person.name),
            Actor::Watchpost => f.write_str("Watchpost"),
        }
    }
}

/// Who asks, with what the chat says of them at this moment. Never stored.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The person.
    pub person: Person,
    /// Their roles in the guild of the request.
    pub roles: Vec<RoleId>,
}

#[derive(Serialize, Deserialize)]
struct Marked<T> {
    #[serde(rename = "$personal")]
    personal: T,
}

#[derive(Serialize, Deserialize)]
struct PersonFields {
    of: PersonId,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct TextFields {
    of: PersonId,
    text: String,
}

/// What the store leaves where the key is gone.
#[derive(Serialize, Deserialize)]
struct Forgotten {
    #[serde(rename = "$forgotten")]
    forgotten: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PersonForm {
    Known(Marked<PersonFields>),
    Forgotten(Forgotten),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TextForm {
    Known(Marked<TextFields>),
    Forgotten(Forgotten),
}

impl From<PersonForm> for Person {
    fn from(form: PersonForm) -> Self {
        match form {
            PersonForm::Known(Marked { personal }) => Person { id: personal.of, name: personal.name },
            PersonForm::Forgotten(_) => Person { id: PersonId(0), name: FORGOTTEN.to_owned() },
        }
    }
}

impl From<Person> for PersonForm {
    fn from(person: Person) -> Self {
        PersonForm::Known(Marked { personal: PersonFields { of: person.id, name: person.name } })
    }
}

impl From<TextForm> for Personal {
    fn from(form: TextForm) -> Self {
        match form {
            TextForm::Known(Marked { personal }) => Personal { of: personal.of, text: personal.text },
            TextForm::Forgotten(_) => Personal { of: PersonId(0), text: FORGOTTEN.to_owned() },
        }
    }
}

impl From<Personal> for TextForm {
    fn from(text: Personal) -> Self {
        TextForm::Known(Marked { personal: TextFields { of: text.of, text: text.text } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn personal_values_carry_the_marker_that_the_store_seals() {
        let ana = Person { id: PersonId(7), name: "ana".into() };
        assert_eq!(
            serde_json::to_value(&ana).expect("json"),
            json!({"$personal": {"of": "7", "name": "ana"}})
        );
        let text = Personal { of: PersonId(7), text: "my phone".into() };
        assert_eq!(
            serde_json::to_value(&text).expect("json"),
            json!({"$personal": {"of": "7", "text": "my phone"}})
        );
    }

    #[test]
    fn a_forgotten_person_still_reads() {
        let gone: Person = serde_json::from_value(json!({"$forgotten": true})).expect("a person");
        assert_eq!((gone.id, gone.name.as_str()), (PersonId(0), FORGOTTEN));
        let text: Personal = serde_json::from_value(json!({"$forgotten": true})).expect("a text");
        assert_eq!(text.text, FORGOTTEN);
    }
}
