//! A document without markup: what stands in it is plain text, so that each form can make it harmless in its own way.

use super::{Readers, Story, appendix, outside, page};
use crate::picture::Scene;

/// A document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// One line.
    pub title: String,
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading: 2 or 3.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A list.
    List(Vec<String>),
    /// A table.
    Table {
        /// Over its columns.
        head: Vec<&'static str>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
    /// A picture, with the same in words.
    Picture(Box<Scene>),
    /// What follows begins on a new page.
    NewPage,
}

impl Document {
    /// A heading of the second rank.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(2, text.into()));
    }

    /// A heading of the third rank.
    pub fn small_heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(3, text.into()));
    }

    /// A paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// A list; what is said instead where it is empty.
    pub fn list(&mut self, list: Vec<String>, instead: &str) {
        match list.is_empty() {
            true => self.text(instead),
            false => self.blocks.push(Block::List(list)),
        }
    }

    /// A table; what is said instead where it is empty.
    pub fn table(&mut self, head: &[&'static str], rows: Vec<Vec<String>>, instead: &str) {
        match rows.is_empty() {
            true => self.text(instead),
            false => self.blocks.push(Block::Table { head: head.to_vec(), rows }),
        }
    }

    /// The document with each of its texts put through `change`. Pictures are made for their readers.
    #[must_use]
    pub fn changed(mut self, change: impl Fn(&str) -> String) -> Self {
        self.title = change(&self.title);
        for block in &mut self.blocks {
            match block {
                Block::Heading(_, text) | Block::Text(text) => *text = change(text),
                Block::List(list) => list.iter_mut().for_each(|text| *text = change(text)),
                Block::Table { rows, .. } => {
                    rows.iter_mut().flatten().for_each(|text| *text = change(text));
                }
                Block::Picture(scene) => scene.about = change(&scene.about),
                Block::NewPage => {}
            }
        }
        self
    }
}

/// The page and the sections behind it, for these readers.
pub fn whole(story: &Story<'_>) -> Document {
    let mut document = page::page(story);
    document.blocks.push(Block::NewPage);
    appendix::add(&mut document, story);
    for_readers(document, story)
}

/// Only the page.
pub fn one_page(story: &Story<'_>) -> Document {
    for_readers(page::page(story), story)
}

fn for_readers(document: Document, story: &Story<'_>) -> Document {
    match story.readers {
        Readers::Inside => document,
        Readers::Outside => {
            let mask = outside::Mask::of(story);
            document.changed(|text| mask.text(text))
        }
    }
}
