//! The commands that change the kernel's state, one by one.

use crate::ipvs::client::Client;
use crate::ipvs::model::Change;
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::hints;

/// Makes one change.
pub fn make(client: &mut Client, change: Change) -> Result<(), Failure> {
    client.apply(&change).map_err(|refused| Failure::Change(refused.change, refused.error))
}

/// Makes an edit, and tells people what it has set back to its default, since `words` do not give it.
pub fn edit(context: &mut Context<'_>, client: &mut Client, change: Change, words: &[&str]) -> Result<(), Failure> {
    let live = context.host.is_terminal(Stream::Error).then(|| hints::before(client, &change)).flatten();
    make(client, change)?;
    context.hint(|_| live?.lost(words, &change));
    Ok(())
}
