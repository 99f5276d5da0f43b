//! One act and what came back.

use crate::core::Shared;
use crate::id::Id;
use crate::user::view::{MessageView, ModalView, Response};

/// One act of a member and what came back.
#[derive(Clone)]
pub struct Turn {
    pub(super) shared: Shared,
    pub(super) id: Id,
}

impl Turn {
    /// The interaction's id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// What came back so far.
    #[must_use]
    pub fn response(&self) -> Response {
        let core = self.shared.lock();
        core.interactions.get(&self.id).map_or(Response::Failed, |found| Response::of(&core, found))
    }

    /// Waits for the first answer, "thinking …" included, or for the moment when it is too late for one.
    pub async fn wait_answered(&self) -> Response {
        self.response_that("a first answer", |response| !matches!(response, Response::Waiting)).await
    }

    async fn response_that(&self, what: &str, fits: impl Fn(&Response) -> bool) -> Response {
        self.shared
            .wait(what, |core| {
                let response = Response::of(core, core.interactions.get(&self.id)?);
                Some(response).filter(|response| fits(response))
            })
            .await
    }

    /// Waits for the message that answers, after "thinking …" if there was one.
    pub async fn message(&self) -> MessageView {
        let fits = |response: &Response| matches!(response, Response::Message { message: Some(_) });
        match self.response_that("an answer with a message", fits).await {
            Response::Message { message: Some(message) } => *message,
            other => panic!("the answer was no message but {other:?}"),
        }
    }

    /// Waits until the message that answers fits: a bot may edit it.
    pub async fn answer(&self, fits: impl Fn(&MessageView) -> bool) -> MessageView {
        let shown = |response: &Response| match response {
            Response::Message { message: Some(message) } => fits(message),
            _ => false,
        };
        match self.response_that("an answer that fits", shown).await {
            Response::Message { message: Some(message) } => *message,
            other => panic!("the answer was no message but {other:?}"),
        }
    }

    /// Waits for the modal that answers.
    pub async fn modal(&self) -> ModalView {
        match self.response_that("a modal", |response| matches!(response, Response::Modal { .. })).await {
            Response::Modal { modal } => modal,
            other => panic!("the answer was no modal but {other:?}"),
        }
    }

    /// Waits for suggestions.
    pub async fn choices(&self) -> Vec<serde_json::Value> {
        match self.response_that("suggestions", |response| matches!(response, Response::Choices { .. })).await
        {
            Response::Choices { choices } => choices,
            other => panic!("the answer was no list of suggestions but {other:?}"),
        }
    }

    /// Messages besides the first, oldest first.
    #[must_use]
    pub fn followups(&self) -> Vec<MessageView> {
        let core = self.shared.lock();
        let ids = core.interactions.get(&self.id).map(|found| found.followups.clone()).unwrap_or_default();
        ids.iter()
            .filter_map(|id| core.places.messages.get(id))
            .map(|found| MessageView::of(&core, found))
            .collect()
    }

    /// Waits for a message besides the first that fits.
    pub async fn followup(&self, fits: impl Fn(&MessageView) -> bool) -> MessageView {
        self.shared
            .wait("a further answer", |core| {
                let ids = &core.interactions.get(&self.id)?.followups;
                let views = ids.iter().filter_map(|id| core.places.messages.get(id));
                views.map(|found| MessageView::of(core, found)).find(|message| fits(message))
            })
            .await
    }
}
