//! The commands that change the kernel's state, one by one.

use crate::ipvs::client::Client;
use crate::ipvs::ensure::{self, edit_server, edit_service};
use crate::ipvs::model::Change;
use crate::program::cli::kept::Kept;
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::hints;

/// Makes one change.
pub fn make(client: &mut Client, change: Change) -> Result<(), Failure> {
    Ok(client.apply(&change)?)
}

/// Makes it so that a change has been made, whatever is there.
#[inline(never)]
pub fn ensure(client: &mut Client, change: &Change) -> Result<(), Failure> {
    ensure::ensure(client, change).map(drop).map_err(|refused| Failure::Ensure(refused.change, refused.error))
}

/// Makes an edit that leaves what is not given as it is.
#[inline(never)]
pub fn keep(client: &mut Client, kept: &Kept) -> Result<(), Failure> {
    match kept {
        Kept::Service(kept) => edit_service(client, kept.key(), |live| Ok::<_, Failure>(kept.over(&live)?)),
        Kept::Server(kept) => {
            let (service, server) = kept.keys();
            edit_server(client, service, server, |live| Ok::<_, Failure>(kept.over(&live)?))
        }
    }
    .map(drop)
}

/// Makes an edit, and tells people what it has set back to its default, since `words` do not give it.
pub fn edit(context: &mut Context<'_>, client: &mut Client, change: Change, words: &[&str]) -> Result<(), Failure> {
    let live = context.host.is_terminal(Stream::Error).then(|| hints::before(client, &change)).flatten();
    make(client, change)?;
    context.hint(|_| live?.lost(words, &change));
    Ok(())
}
