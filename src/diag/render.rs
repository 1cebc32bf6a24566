//! Drawing diagnostics, with ariadne, or as JSON.
