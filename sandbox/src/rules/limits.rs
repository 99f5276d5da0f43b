//! Discord's limits, each with the document that says so (discord/discord-api-docs; "spec" is its OpenAPI description).

/// resources/message: "Message contents (up to 2000 characters)".
pub const CONTENT: usize = 2_000;
/// resources/message, "Create Message": up to 10 embeds.
pub const EMBEDS: usize = 10;
/// resources/message, "Embed Limits".
pub const EMBED_TITLE: usize = 256;
/// resources/message, "Embed Limits".
pub const EMBED_DESCRIPTION: usize = 4_096;
/// resources/message, "Embed Limits".
pub const EMBED_FIELDS: usize = 25;
/// resources/message, "Embed Limits".
pub const EMBED_FIELD_NAME: usize = 256;
/// resources/message, "Embed Limits".
pub const EMBED_FIELD_VALUE: usize = 1_024;
/// resources/message, "Embed Limits".
pub const EMBED_FOOTER: usize = 2_048;
/// resources/message, "Embed Limits".
pub const EMBED_AUTHOR: usize = 256;
/// resources/message, "Embed Limits": the sum over all embeds of a message.
pub const EMBED_TOTAL: usize = 6_000;
/// spec: url of an embed.
pub const URL: usize = 2_048;
/// resources/message, "Create Message": "Can be used to verify a message was sent (up to 25 characters)".
pub const NONCE: usize = 25;
/// resources/message, "Allowed Mentions Object": ids in `users` and in `roles`.
pub const ALLOWED_MENTION_IDS: usize = 100;
/// reference, "Uploading Files".
pub const ATTACHMENTS: usize = 10;
/// reference, "Uploading Files": 10 MiB a file without boosts.
pub const ATTACHMENT_BYTES: usize = 10 * 1024 * 1024;
/// resources/message: description of an attachment.
pub const ATTACHMENT_DESCRIPTION: usize = 1_024;
/// components/reference, "Action Row": rows of a message.
pub const ROWS: usize = 5;
/// components/reference, "Action Row": buttons of a row.
pub const ROW_BUTTONS: usize = 5;
/// components/reference, "Custom ID": 1 to 100 characters, unique in a message.
pub const CUSTOM_ID: usize = 100;
/// components/reference, "Button".
pub const BUTTON_LABEL: usize = 80;
/// components/reference, "Button".
pub const BUTTON_URL: usize = 512;
/// components/reference, "String Select".
pub const SELECT_OPTIONS: usize = 25;
/// components/reference, "String Select".
pub const SELECT_PLACEHOLDER: usize = 150;
/// components/reference, "Select Option": label, value and description.
pub const SELECT_OPTION_TEXT: usize = 100;
/// interactions/receiving-and-responding, "Modal".
pub const MODAL_TITLE: usize = 45;
/// interactions/receiving-and-responding, "Modal": 1 to 5 components.
pub const MODAL_ROWS: usize = 5;
/// components/reference, "Text Input".
pub const TEXT_INPUT: usize = 4_000;
/// components/reference, "Text Input".
pub const TEXT_INPUT_LABEL: usize = 45;
/// components/reference, "Text Input".
pub const TEXT_INPUT_PLACEHOLDER: usize = 100;
/// interactions/application-commands, "Registering a Command": per scope.
pub const CHAT_COMMANDS: usize = 100;
/// interactions/application-commands: user commands, and as many message commands, per scope.
pub const MENU_COMMANDS: usize = 15;
/// interactions/application-commands, "Application Command Naming".
pub const COMMAND_NAME: usize = 32;
/// interactions/application-commands.
pub const COMMAND_DESCRIPTION: usize = 100;
/// interactions/application-commands.
pub const COMMAND_OPTIONS: usize = 25;
/// interactions/application-commands.
pub const COMMAND_CHOICES: usize = 25;
/// interactions/application-commands: name and, for a string, value of a choice.
pub const CHOICE_TEXT: usize = 100;
/// interactions/application-commands: name, description and value of a whole command, options included.
pub const COMMAND_TOTAL: usize = 8_000;
/// interactions/application-commands: `max_length` of a string option, and the longest text that a person can type.
pub const STRING_OPTION: usize = 6_000;
/// interactions/application-commands: creates a day and guild.
pub const COMMAND_CREATES_A_DAY: usize = 200;
/// resources/channel, "Modify Channel": name of a channel or thread.
pub const CHANNEL_NAME: usize = 100;
/// resources/channel: topic of a text channel.
pub const CHANNEL_TOPIC: usize = 1_024;
/// resources/channel: topic (guidelines) of a forum.
pub const FORUM_TOPIC: usize = 4_096;
/// resources/channel: minutes after which a thread may be archived by itself.
pub const AUTO_ARCHIVE_MINUTES: [u64; 4] = [60, 1_440, 4_320, 10_080];
/// resources/channel: slow mode, in seconds.
pub const SLOW_MODE_SECONDS: u64 = 21_600;
/// resources/channel: tags of a forum.
pub const FORUM_TAGS: usize = 20;
/// resources/channel: tags of a post.
pub const POST_TAGS: usize = 5;
/// resources/channel, "Forum Tag Object".
pub const TAG_NAME: usize = 20;
/// topics/opcodes-and-status-codes, 30003.
pub const PINS: usize = 250;
/// resources/message, "Get Channel Pins": the most in one page.
pub const PIN_PAGE: usize = 50;
/// topics/opcodes-and-status-codes, 30010: different emoji on one message.
pub const REACTIONS: usize = 20;
/// topics/opcodes-and-status-codes, 30007: webhooks of a channel.
pub const WEBHOOKS: usize = 15;
/// topics/opcodes-and-status-codes, 30005: roles of a guild.
pub const ROLES: usize = 250;
/// topics/opcodes-and-status-codes, 30013: channels of a guild.
pub const CHANNELS: usize = 500;
/// resources/guild: name of a role.
pub const ROLE_NAME: usize = 100;
/// resources/webhook: name of a webhook.
pub const WEBHOOK_NAME: usize = 80;
/// topics/opcodes-and-status-codes, 30038: open scheduled events of a guild.
pub const SCHEDULED_EVENTS: usize = 100;
/// resources/guild-scheduled-event.
pub const EVENT_NAME: usize = 100;
/// resources/guild-scheduled-event.
pub const EVENT_DESCRIPTION: usize = 1_000;
/// resources/guild-scheduled-event.
pub const EVENT_LOCATION: usize = 100;
/// resources/message, "Bulk Delete Messages".
pub const BULK_DELETE: std::ops::RangeInclusive<usize> = 2..=100;
/// resources/message, "Bulk Delete Messages": two weeks.
pub const BULK_DELETE_AGE_MS: u64 = 14 * 24 * 3_600_000;
/// resources/message, "Get Channel Messages".
pub const HISTORY_PAGE: usize = 100;

/// interactions/receiving-and-responding: the first answer must come within 3 seconds.
pub const FIRST_ANSWER_MS: u64 = 3_000;
/// interactions/receiving-and-responding: a token holds for 15 minutes.
pub const TOKEN_MS: u64 = 15 * 60_000;
/// topics/rate-limits, "Global Rate Limit": requests a second.
pub const GLOBAL_PER_SECOND: u32 = 50;
/// topics/rate-limits, "Invalid Request Limit": 401, 403 and 429 in ten minutes.
pub const INVALID_REQUESTS: u32 = 10_000;
/// topics/rate-limits, "Invalid Request Limit".
pub const INVALID_WINDOW_MS: u64 = 600_000;
/// discord-api-docs#1900: changes of a channel's name or topic.
pub const RENAMES: usize = 2;
/// discord-api-docs#1900.
pub const RENAME_WINDOW_MS: u64 = 600_000;
/// topics/opcodes-and-status-codes, 30046: how old a message is when its edits are counted.
pub const OLD_MESSAGE_MS: u64 = 3_600_000;
/// Not documented (30046 only says that there is a limit); a cautious guess for a channel and hour.
pub const OLD_EDITS: usize = 30;
/// See [`OLD_EDITS`].
pub const OLD_EDIT_WINDOW_MS: u64 = 3_600_000;
/// resources/message: "a few minutes" for `enforce_nonce`; read as five.
pub const NONCE_WINDOW_MS: u64 = 300_000;
/// events/gateway, "Sending Events": bytes of one payload.
pub const GATEWAY_PAYLOAD: usize = 4_096;
/// events/gateway, "Rate Limiting": events a minute and connection.
pub const GATEWAY_EVENTS: usize = 120;
/// events/gateway, "Rate Limiting".
pub const GATEWAY_WINDOW_MS: u64 = 60_000;
/// Guilds that one shard may hold (events/gateway, "Sharding").
pub const GUILDS_A_SHARD: usize = 2_500;
/// events/gateway, "Identifying": a day.
pub const IDENTIFIES_A_DAY: usize = 1_000;
/// A day in milliseconds.
pub const DAY_MS: u64 = 24 * 3_600_000;
