//! Uploads: `payload_json` and `files[n]` (reference, "Uploading Files").

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart};
use axum::http::Request;
use serde_json::Value;

use crate::error::{ApiError, INVALID_FORM, INVALID_JSON};
use crate::posting::Upload;

/// The parts of an upload.
pub(crate) async fn read(request: Request<Body>) -> Result<(Value, Vec<Upload>), ApiError> {
    let broken = |_| ApiError::from(INVALID_FORM);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| ApiError::from(INVALID_FORM))?;
    let (mut body, mut uploads) = (Value::Null, Vec::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(broken)?;
        if name == "payload_json" {
            body = serde_json::from_slice(&bytes).map_err(|_| ApiError::from(INVALID_JSON))?;
        } else if let Some(filename) = filename {
            let number = number(&name).unwrap_or(uploads.len() as u64);
            uploads.push(Upload { number, filename, content_type, bytes });
        }
    }
    Ok((body, uploads))
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix("files[")?.strip_suffix(']')?.parse().ok()
}
