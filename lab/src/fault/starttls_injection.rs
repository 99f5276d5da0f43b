//! A hostile middlebox: clear text follows the answer to STARTTLS, to be taken for the secured server's.

use crate::dialogue::{Next, Turn};
use crate::personality::{HEALTHY, ImapAnswer, Personality, SmtpAnswer, SmtpStage};

pub(super) const PERSONALITY: Personality = Personality {
    name: "starttls-injection",
    seen: "After the answer to STARTTLS on 25, 587 and 143 comes clear text that offers AUTH LOGIN at evil.example.",
    smtp: |moment| match moment.stage {
        SmtpStage::StartTls => {
            let bytes = b"220 2.0.0 Ready to start TLS\r\n250-evil.example\r\n250 AUTH LOGIN\r\n";
            Some(SmtpAnswer::Say(Turn { bytes: bytes.to_vec(), next: Next::StartTls }))
        }
        _ => None,
    },
    imap: |moment| {
        let text = "* CAPABILITY IMAP4rev1 AUTH=LOGIN\r\n";
        (moment.command == "STARTTLS").then_some(ImapAnswer::FollowedBy(text))
    },
    ..HEALTHY
};
