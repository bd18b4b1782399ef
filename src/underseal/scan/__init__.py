"""What is in the media: sandboxed decoding, frames, known content, text, and guarded fetching."""
