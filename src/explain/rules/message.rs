//! What is said about the message itself: size, content, form.

use super::{Rule, says};
use crate::explain::reason::Reason::{
    ContentError, MesgTooBig, NotCompliantRfc, PolicyViolation, SpamDetected, VirusDetected,
};

pub(super) const RULES: &[Rule] = &[
    says(
        MesgTooBig,
        11,
        "message|messages|mail|email|attachment|attachments|content|body ~ {too_big}",
    ),
    says(
        MesgTooBig,
        11,
        "message|mail|email|header size ~ exceed*|too|limit|larger|maximum",
    ),
    says(
        MesgTooBig,
        11,
        "exceed* ~ maximum|max|fixed|allowed ~ message|mail|email size|length",
    ),
    says(
        MesgTooBig,
        11,
        "send|recip|receive|org|message size limit|restriction",
    ),
    says(MesgTooBig, 9, "file|data too large|big"),
    says(MesgTooBig, 10, "size limit ~ exceed*"),
    says(MesgTooBig, 8, "line|lines limit exceed*"),
    says(MesgTooBig, 10, "exceed* ~ size limit|restriction"),
    says(MesgTooBig, 10, "exceed* ~ maximum ~ size"),
    says(MesgTooBig, 10, "too large ~ message|mail|email"),
    says(MesgTooBig, 9, "message|mail|email too long"),
    says(VirusDetected, 13, "{virus}"),
    says(
        SpamDetected,
        10,
        "{spam} ~ detected|message|content|score|classification|rejected|mail|filter|probability|engine|found|check",
    ),
    says(
        SpamDetected,
        10,
        "detected|considered|identified|classified|tagged|judged|recognized|marked|flagged|rejected|looks ~ {spam}",
    ),
    says(SpamDetected, 10, "{message} ~ {spam}"),
    says(
        SpamDetected,
        10,
        "likely|appears|seems|suspected|suspicious ~ {spam}",
    ),
    says(SpamDetected, 9, "spam like|score|content|rejected|suspected"),
    says(SpamDetected, 9, "is|as|like|contains|be|for {spam}"),
    says(SpamDetected, 6, "message content rejected|blocked|refused"),
    says(SpamDetected, 6, "content rejected|blocked|filtered"),
    says(SpamDetected, 9, "rejected ~ content|score"),
    says(SpamDetected, 6, "{spam}"),
    says(
        SpamDetected,
        7,
        "spamassassin|bogofilter|cloudmark|rspamd|razor|dcc",
    ),
    says(SpamDetected, 5, "message|mail rejected"),
    says(SpamDetected, 8, "high probability of"),
    says(PolicyViolation, 10, "potential security issue|risk|threat"),
    says(PolicyViolation, 10, "content presents a potential"),
    says(
        PolicyViolation,
        10,
        "illegal|prohibited|forbidden|blocked|banned|dangerous|unacceptable|restricted|executable attachment|attachments|file|extension|content",
    ),
    says(
        PolicyViolation,
        10,
        "attachment|attachments|file|extension ~ {refused}",
    ),
    says(
        PolicyViolation,
        9,
        "policy|policies ~ violation|violations|violated|reasons|reason|rejection|restriction",
    ),
    says(PolicyViolation, 9, "violat* ~ policy|policies|rules"),
    says(PolicyViolation, 8, "{refused} ~ policy|policies"),
    says(PolicyViolation, 8, "policy ~ {refused}"),
    says(PolicyViolation, 7, "against|by|to|for|of ~ policy|policies"),
    says(PolicyViolation, 6, "policy"),
    says(PolicyViolation, 6, "violation|violations"),
    says(PolicyViolation, 9, "transport rule|rules"),
    says(
        PolicyViolation,
        9,
        "organization|organisation|company|corporate|local|site|content|message ~ policy",
    ),
    says(PolicyViolation, 8, "administratively|administrative ~ {refused}"),
    says(
        ContentError,
        9,
        "improper|illegal|invalid|malformed|bad|missing|broken|corrupt* ~ header|headers|mime|encoding|body|charset|boundary",
    ),
    says(
        ContentError,
        9,
        "header|headers|mime ~ malformed|missing|invalid|error|errors|broken|incorrect",
    ),
    says(ContentError, 4, "content rejected|refused|invalid"),
    says(ContentError, 10, "8 bit data|characters|content"),
    says(ContentError, 10, "bare lf|cr|linefeed|newline|newlines|linefeeds"),
    says(ContentError, 9, "nul|null characters|character|bytes"),
    says(ContentError, 9, "line|lines too long"),
    says(ContentError, 8, "{cannot} parse|read ~ message|mime"),
    says(
        NotCompliantRfc,
        12,
        "rfc 5322|2822|822|5321|2821 ~ complian*|conform*|violat*",
    ),
    says(
        NotCompliantRfc,
        12,
        "complian*|conform*|violat* ~ rfc|rfcs|rfc5322|rfc2822|rfc821|rfc5321|rfc822",
    ),
    says(
        NotCompliantRfc,
        12,
        "rfc|rfc5322|rfc2822|rfc5321|rfc822 complian*|violation|conform*",
    ),
    says(NotCompliantRfc, 12, "multiple addresses in from"),
    says(
        NotCompliantRfc,
        11,
        "multiple|duplicate|several|more_than_one ~ header|headers|from|subject|sender",
    ),
    says(NotCompliantRfc, 11, "messages missing a valid"),
    says(
        NotCompliantRfc,
        10,
        "missing|no|without ~ message id|from|date header",
    ),
];
