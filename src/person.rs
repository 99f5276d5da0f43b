//! Who acts, and what is personal.
//!
//! 1. Everything that could name a person in a stored event is a [`Person`] or a [`Personal`] text.
//! 2. Both serialise under the one marker `$personal` with the number of the person they belong to.
//! 3. The store seals every value under that marker with a key of that person, kept outside the journal.
//! 4. Forgetting destroys the key: the value then reads back as [`FORGOTTEN`], and everything still verifies.

use std::fmt;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::ids::{PersonId, RoleId};

/// What stands where a person was forgotten.
pub const FORGOTTEN: &str = "(forgotten)";

/// A person as the chat knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form<PersonFields>", into = "Form<PersonFields>")]
pub struct Person {
    /// Number in the chat; 0 once forgotten.
    pub id: PersonId,
    /// Name shown at the time.
    pub name: String,
}

/// A text that says something about the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form<TextFields>", into = "Form<TextFields>")]
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

/// A value under its marker, or what the store leaves where the key is gone.
///
/// One struct with both, not two forms to be tried one after the other: what is tried is buffered first, which a
/// timeline of ten thousand events feels.
#[derive(Serialize, Deserialize)]
struct Form<T> {
    #[serde(rename = "$personal", default = "Option::default", skip_serializing_if = "Option::is_none")]
    personal: Option<T>,
    #[serde(rename = "$forgotten", default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<bool>,
}

impl<T> Form<T> {
    fn known(personal: T) -> Self {
        Form { personal: Some(personal), forgotten: None }
    }

    /// The value; `None` once forgotten.
    fn read(self) -> Result<Option<T>, NotPersonal> {
        match (self.personal, self.forgotten) {
            (Some(personal), _) => Ok(Some(personal)),
            (None, Some(_)) => Ok(None),
            (None, None) => Err(NotPersonal),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{}", say!("neither a personal value nor a forgotten one"))]
struct NotPersonal;

#[derive(Clone, Serialize, Deserialize)]
struct PersonFields {
    of: PersonId,
    name: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct TextFields {
    of: PersonId,
    text: String,
}

impl TryFrom<Form<PersonFields>> for Person {
    type Error = NotPersonal;
    fn try_from(form: Form<PersonFields>) -> Result<Self, NotPersonal> {
        Ok(match form.read()? {
            Some(PersonFields { of, name }) => Person { id: of, name },
            None => Person { id: PersonId(0), name: FORGOTTEN.to_owned() },
        })
    }
}

impl From<Person> for Form<PersonFields> {
    fn from(person: Person) -> Self {
        Form::known(PersonFields { of: person.id, name: person.name })
    }
}

impl TryFrom<Form<TextFields>> for Personal {
    type Error = NotPersonal;
    fn try_from(form: Form<TextFields>) -> Result<Self, NotPersonal> {
        Ok(match form.read()? {
            Some(TextFields { of, text }) => Personal { of, text },
            None => Personal { of: PersonId(0), text: FORGOTTEN.to_owned() },
        })
    }
}

impl From<Personal> for Form<TextFields> {
    fn from(text: Personal) -> Self {
        Form::known(TextFields { of: text.of, text: text.text })
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
