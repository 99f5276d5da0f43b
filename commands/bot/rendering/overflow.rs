//! What finds no room in a message goes with it as a file.

use serenity::builder::CreateAttachment;
use watchpost::outbox::File;
use watchpost::picture::Picture;
use watchpost_texts::say;

use super::limits;
use super::plain::{self, Fit, Named};

/// Name of the file with what found no room.
const NAME: &str = "in-full.txt";

/// What found no room so far.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    text: String,
}

impl Overflow {
    /// The text within `limit`; all of it is kept for the file where it was cut.
    pub(super) fn fit(&mut self, name: &str, text: &str, limit: usize, named: Named<'_>) -> String {
        let (short, fit) = plain::fit(text, limit, named);
        if fit == Fit::Cut {
            self.keep(name, text);
        }
        short
    }

    /// Keeps a text for the file.
    pub(super) fn keep(&mut self, name: &str, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&format!("{}:\n{}", plain::line(name), plain::clean(text)));
    }

    /// The pictures and files of the message, with this one, within number and size.
    pub(super) fn files(self, pictures: &[Picture], files: &[File]) -> Vec<CreateAttachment> {
        let own = (!self.text.is_empty()).then(|| File { name: NAME.to_owned(), content: self.text });
        let mut room = limits::FILES_BYTES;
        let pictures: Vec<CreateAttachment> =
            pictures.iter().filter_map(|picture| drawn(picture, &mut room)).collect();
        let files = own.iter().chain(files).map(|file| attachment(file, &mut room));
        pictures.into_iter().chain(files).take(limits::FILES).collect()
    }
}

/// A picture, with its words for whoever cannot see it; half of one is of no use.
fn drawn(picture: &Picture, room: &mut usize) -> Option<CreateAttachment> {
    let bytes = picture.bytes();
    let left = room.checked_sub(bytes.len()).filter(|_| !bytes.is_empty())?;
    *room = left;
    let about = limits::cut(&plain::line(&picture.about), limits::FILE_DESCRIPTION);
    Some(CreateAttachment::bytes(bytes, safe_name(&picture.name)).description(about))
}

fn attachment(file: &File, room: &mut usize) -> CreateAttachment {
    let mut content = file.content.clone();
    if content.len() > *room {
        let end = say!(
            "\n(The rest did not fit into a message. `watchpost export` on the host writes all of it.)\n"
        );
        content.truncate(content.floor_char_boundary(room.saturating_sub(end.len())));
        content.push_str(end);
    }
    *room = room.saturating_sub(content.len());
    CreateAttachment::bytes(content.into_bytes(), safe_name(&file.name))
}

/// Files as they are, within number and size; half of one is of no use.
pub(super) fn whole(files: Vec<(String, Vec<u8>)>, there: usize) -> Vec<CreateAttachment> {
    let mut room = limits::FILES_BYTES;
    let fits = |(name, bytes): (String, Vec<u8>)| {
        room = room.checked_sub(bytes.len())?;
        Some(CreateAttachment::bytes(bytes, safe_name(&name)))
    };
    files.into_iter().map_while(fits).take(limits::FILES.saturating_sub(there)).collect()
}

/// A name that is the same on every system, and no path.
fn safe_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .take(80)
        .collect();
    match safe.trim_start_matches(['.', '-']) {
        "" => "file.txt".to_owned(),
        named => named.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_never_a_path() {
        for (name, safe) in
            [("INC-1.md", "INC-1.md"), ("../../etc/passwd", "etc-passwd"), ("..", "file.txt"), ("a b", "a-b")]
        {
            assert_eq!(safe_name(name), safe);
        }
    }

    #[test]
    fn a_file_without_room_says_where_all_of_it_is() {
        let mut room = 100;
        let file = File { name: "long.md".into(), content: "é".repeat(200) };
        let attachment = attachment(&file, &mut room);
        assert!(attachment.data.len() <= 100);
        let text = String::from_utf8(attachment.data).expect("still UTF-8");
        assert!(text.ends_with("writes all of it.)\n"), "{text}");
    }
}
