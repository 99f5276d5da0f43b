//! How a message of the mind looks in Discord.
//!
//! 1. [`Rendered::of`] makes text literal ([`plain`]), keeps every limit ([`limits`]) and colours the block. What finds no
//!    room goes into an attached file: nothing is lost silently.
//! 2. [`allowed_mentions`] says who may be pinged: whom the message names, and nobody else, whatever its text says.
//! 3. [`Rendered`] becomes a new message, an edit, an answer or a follow-up. There is no other way to build one.

pub mod limits;
mod overflow;
pub mod plain;

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateInteractionResponseFollowup, CreateInteractionResponseMessage, CreateMessage, CreateSelectMenu,
    CreateSelectMenuKind, CreateSelectMenuOption, EditAttachments, EditInteractionResponse, EditMessage,
};
use serenity::model::application::ButtonStyle;
use serenity::model::channel::{MessageFlags, Nonce};
use watchpost::clock::UtcMs;
use watchpost::ids::{PersonId, RoleId};
use watchpost::outbox::{Block, Button, Message, Tone, Weight};
use watchpost_texts::say;

use limits::length;
use overflow::Overflow;
use plain::Named;

/// Who sees an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Only the person who asked.
    Private,
    /// Everybody in the place.
    Public,
}

/// A message as Discord takes it.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    content: String,
    embed: Option<CreateEmbed>,
    rows: Vec<CreateActionRow>,
    files: Vec<CreateAttachment>,
    mentions: CreateAllowedMentions,
    silent: bool,
    said: Message,
}

/// Who may be pinged: these, and nobody by what a text says. On every message, edit and answer.
pub fn allowed_mentions(roles: &[RoleId], people: &[PersonId]) -> CreateAllowedMentions {
    let roles = roles.iter().take(limits::MENTIONS).filter(|role| role.0 != 0);
    let people = people.iter().take(limits::MENTIONS).filter(|person| person.0 != 0);
    CreateAllowedMentions::new()
        .everyone(false)
        .all_roles(false)
        .all_users(false)
        .replied_user(false)
        .roles(roles.map(|role| role.0))
        .users(people.map(|person| person.0))
}

/// A moment as everybody reads it in their own time zone: "12:40 (3 minutes ago)".
pub fn moment(at: UtcMs) -> String {
    format!("<t:{0}:t> (<t:{0}:R>)", at.seconds())
}

impl Rendered {
    /// The message within every limit.
    pub fn of(message: &Message) -> Self {
        Rendered::naming(message, &[])
    }

    /// The same; these roles may stand in its text by name, without being pinged.
    pub fn naming(message: &Message, roles: &[RoleId]) -> Self {
        let roles = [&message.pings, roles].concat();
        let named = Named { roles: &roles, people: &message.pings_people };
        let mut overflow = Overflow::default();
        let content = overflow.fit("Text", &with_pings(message), limits::CONTENT, named);
        let embed = message.block.as_ref().map(|block| embed(block, &message.copy, named, &mut overflow));
        let rows = rows(&message.buttons, &mut overflow);
        Rendered {
            content,
            embed,
            rows,
            files: overflow.files(&message.pictures, &message.files),
            mentions: allowed_mentions(&message.pings, &message.pings_people),
            silent: message.silent,
            said: message.clone(),
        }
    }

    /// What it is made of, for those who read it elsewhere.
    pub fn into_said(self) -> Message {
        self.said
    }

    /// Whether a message that stands in Discord says this.
    pub fn reads_as(&self, message: &serenity::model::channel::Message) -> bool {
        let own = self.embed.as_ref().and_then(|embed| serde_json::to_value(embed).ok()).unwrap_or_default();
        let there = message.embeds.first();
        let same = |name: &str, shown: Option<&String>| {
            own[name].as_str().unwrap_or_default().trim() == shown.map_or("", |text| text.trim())
        };
        self.content.trim() == message.content.trim()
            && same("title", there.and_then(|embed| embed.title.as_ref()))
            && same("description", there.and_then(|embed| embed.description.as_ref()))
    }

    /// With these files, as many as one message holds; each whole or not at all.
    pub fn attaching(mut self, files: Vec<(String, Vec<u8>)>) -> Self {
        self.files.extend(overflow::whole(files, self.files.len()));
        self
    }

    /// With a list under it to choose one person of the server from.
    pub fn choosing_a_person(mut self, id: String, hint: &str) -> Self {
        let people = CreateSelectMenuKind::User { default_users: None };
        let menu = CreateSelectMenu::new(id, people).placeholder(limits::cut(hint, limits::SELECT_HINT));
        self.rows.truncate(limits::ROWS - 1);
        self.rows.push(CreateActionRow::SelectMenu(menu));
        self
    }

    /// With a list under it to choose one of these from: value, what is read, and what stands under it.
    pub fn choosing(mut self, id: String, hint: &str, choices: &[(String, String, String)]) -> Self {
        let option = |(value, shown, under): &(String, String, String)| {
            let option = CreateSelectMenuOption::new(
                limits::cut(&plain::line(shown), limits::SUGGESTION),
                limits::cut(value, limits::SUGGESTION),
            );
            let under = limits::cut(&plain::line(under), limits::SUGGESTION);
            if under.is_empty() { option } else { option.description(under) }
        };
        let options = choices.iter().take(limits::SUGGESTIONS).map(option).collect();
        let list = CreateSelectMenuKind::String { options };
        let menu = CreateSelectMenu::new(id, list).placeholder(limits::cut(hint, limits::SELECT_HINT));
        self.rows.truncate(limits::ROWS - 1);
        self.rows.push(CreateActionRow::SelectMenu(menu));
        self
    }

    /// As a new message. The same nonce within a few minutes gives the earlier message again
    /// (resources/message, create message, `enforce_nonce`).
    pub fn create(self, nonce: Option<String>) -> CreateMessage {
        let mut builder = CreateMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(self.mentions);
        if self.silent {
            builder = builder.flags(MessageFlags::SUPPRESS_NOTIFICATIONS);
        }
        match nonce {
            Some(nonce) => builder.nonce(Nonce::String(nonce)).enforce_nonce(true),
            None => builder,
        }
    }

    /// In place of an earlier message: all of it, so that nothing of the old one stays.
    pub fn edit(self) -> EditMessage {
        EditMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .attachments(attachments(self.files))
            .allowed_mentions(self.mentions)
    }

    /// As the first answer to an interaction.
    pub fn answer(self, visibility: Visibility) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(self.mentions)
            .ephemeral(visibility == Visibility::Private)
    }

    /// In place of the first answer: the body, and the files that go with it.
    ///
    /// serenity writes the numbers of new files as numbers, and Discord's description wants them as texts.
    pub fn edit_answer(self) -> (Value, Vec<CreateAttachment>) {
        let builder = EditInteractionResponse::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .allowed_mentions(self.mentions);
        let mut body = serde_json::to_value(builder).expect("a builder of serenity is JSON");
        if !self.files.is_empty() {
            let named = |(number, file): (usize, &CreateAttachment)| json!({ "id": number.to_string(), "filename": file.filename });
            body["attachments"] = self.files.iter().enumerate().map(named).collect();
        }
        (body, self.files)
    }

    /// Whether more than one file goes with it.
    pub fn has_several_files(&self) -> bool {
        self.files.len() > 1
    }

    /// In place of the first answer, with several files: only serenity's own builder can number them.
    pub fn edit_with_files(self) -> EditInteractionResponse {
        let builder = EditInteractionResponse::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .allowed_mentions(self.mentions);
        self.files.into_iter().fold(builder, EditInteractionResponse::new_attachment)
    }

    /// As a further answer.
    pub fn follow_up(self, visibility: Visibility) -> CreateInteractionResponseFollowup {
        CreateInteractionResponseFollowup::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(self.mentions)
            .ephemeral(visibility == Visibility::Private)
    }
}

fn attachments(files: Vec<CreateAttachment>) -> EditAttachments {
    files.into_iter().fold(EditAttachments::new(), EditAttachments::add)
}

/// The text, with those in front who are to be pinged and do not stand in it.
fn with_pings(message: &Message) -> String {
    let roles = message.pings.iter().map(|role| format!("<@&{role}>"));
    let people = message.pings_people.iter().map(|person| format!("<@{person}>"));
    let missing = roles.chain(people).filter(|mention| !message.text.contains(mention));
    let mut parts: Vec<String> = missing.take(limits::MENTIONS).collect();
    parts.extend((!message.text.is_empty()).then(|| message.text.clone()));
    parts.join(" ")
}

fn embed(block: &Block, copy: &[String], named: Named<'_>, overflow: &mut Overflow) -> CreateEmbed {
    let title = [mark(block.tone), block.title.as_str()].join(" ");
    let title = overflow.fit("Title", title.trim(), limits::EMBED_TITLE, named);
    let footer = limits::cut(&plain::clean(&block.footer), limits::EMBED_FOOTER);
    let mut room = limits::EMBED_SUM - length(&title) - length(&footer);
    let text = overflow.fit("Text", &block.text, limits::EMBED_TEXT.min(room), named);
    room -= length(&text);
    let mut embed = CreateEmbed::new().title(title).description(text).colour(colour(block.tone));
    for (number, field) in block.fields.iter().enumerate() {
        let name = limits::cut(or_dash(&plain::line(&field.name)), limits::FIELD_NAME);
        let least = length(&name) + 2;
        if number >= limits::EMBED_FIELDS || room < least {
            overflow.keep(&field.name, &field.value);
            continue;
        }
        let value = or_dash(&field.value);
        let value = overflow.fit(&field.name, value, limits::FIELD_VALUE.min(room - length(&name)), named);
        room -= length(&name) + length(&value);
        embed = embed.field(name, value, field.short);
    }
    let boxed = in_a_box(copy);
    if !boxed.is_empty() && block.fields.len() < limits::EMBED_FIELDS && room > length(&boxed) + 20 {
        embed = embed.field(say!("Ready to copy"), boxed, false);
    } else if !copy.is_empty() {
        overflow.keep(say!("Ready to copy"), &copy.join("\n"));
    }
    if footer.is_empty() { embed } else { embed.footer(CreateEmbedFooter::new(footer)) }
}

/// Commands as Discord shows them with a button to copy; empty where they do not fit one field.
fn in_a_box(copy: &[String]) -> String {
    // A backtick would end the box.
    let lines: Vec<String> = copy.iter().map(|command| plain::line(command).replace('`', "'")).collect();
    let boxed = format!("```sh\n{}\n```", lines.join("\n"));
    if lines.is_empty() || length(&boxed) > limits::FIELD_VALUE { String::new() } else { boxed }
}

/// Discord refuses a field without name or value, and a button without label.
fn or_dash(text: &str) -> &str {
    if text.trim().is_empty() { "–" } else { text }
}

/// Says by its form what the colour says, for everybody who does not see the colour.
fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Good => "✅",
        Tone::Warning => "⚠️",
        Tone::Bad => "⛔",
        Tone::Unknown => "❔",
    }
}

/// Told apart also with red-green blindness: blue-green, amber, red, grey (after Okabe and Ito).
fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x0056_6B7D,
        Tone::Good => 0x0000_9E73,
        Tone::Warning => 0x00E6_9F00,
        Tone::Bad => 0x00D5_5E00,
        Tone::Unknown => 0x0099_9999,
    }
}

/// At most five rows of five; a longer row goes on in the next one.
fn rows(rows: &[Vec<Button>], overflow: &mut Overflow) -> Vec<CreateActionRow> {
    let mut short: Vec<&[Button]> = rows.iter().flat_map(|row| row.chunks(limits::BUTTONS_A_ROW)).collect();
    for button in short.drain(short.len().min(limits::ROWS)..).flatten() {
        overflow.keep(say!("A button without room"), &button.label);
    }
    short.into_iter().map(|row| CreateActionRow::Buttons(row.iter().map(button).collect())).collect()
}

fn button(button: &Button) -> CreateButton {
    let style = match button.weight {
        Weight::Primary => ButtonStyle::Primary,
        Weight::Secondary => ButtonStyle::Secondary,
        Weight::Danger => ButtonStyle::Danger,
    };
    let label = limits::cut(&plain::line(&button.label), limits::BUTTON_LABEL);
    CreateButton::new(&button.action).label(or_dash(&label)).style(style)
}

#[cfg(test)]
mod tests;
