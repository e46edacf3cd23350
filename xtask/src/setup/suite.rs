//! From which Debian suite QEMU must come.
//!
//! QEMU's packages break one another unless their versions match, so a machine that already has a
//! qemu-utils from backports cannot take the release's own qemu-system-x86. What is installed
//! decides.

/// One version of a package that apt could install, and the suite it would come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// For example `1:10.0.2+ds-2+deb13u1~bpo12+1`.
    pub(super) version: String,
    /// For example `bookworm-backports`.
    pub(super) suite: String,
}

/// Reads `apt-cache madison <package>`: `package | version | site suite/component arch Packages`.
pub(super) fn offers(madison: &str) -> Vec<Offer> {
    let offer = |line: &str| {
        let mut columns = line.split('|').map(str::trim);
        let (version, source) = (columns.nth(1)?, columns.next()?);
        let suite = source.split_whitespace().nth(1)?.split('/').next()?;
        // Source packages are listed too, with "Sources" where the architecture would be.
        (!source.ends_with("Sources")).then(|| Offer {
            version: version.to_owned(),
            suite: suite.to_owned(),
        })
    };
    madison.lines().filter_map(offer).collect()
}

/// Where to take QEMU from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Whatever apt would choose by itself.
    Default,
    /// The named suite, with `apt-get install -t`.
    Suite(String),
    /// The release's backports, which is not among apt's sources yet.
    AddBackports,
}

/// Chooses the suite that goes with the version of QEMU's packages already here.
pub(super) fn choose(installed: Option<&str>, offers: &[Offer]) -> Choice {
    let Some(installed) = installed else {
        return Choice::Default;
    };
    if let Some(offer) = offers.iter().find(|offer| offer.version == installed) {
        return Choice::Suite(offer.suite.clone());
    }
    // Not offered any more, or not yet: backports keep only their newest version, and apt moves the
    // installed packages along when the suite is the one they came from.
    if !installed.contains("~bpo") {
        return Choice::Default;
    }
    match offers
        .iter()
        .find(|offer| offer.suite.ends_with("-backports"))
    {
        Some(offer) => Choice::Suite(offer.suite.clone()),
        None => Choice::AddBackports,
    }
}

/// The version of the first package of the source package `qemu` that is installed.
///
/// Reads `dpkg-query -W -f '${db:Status-Abbrev}|${source:Package}|${Version}\n'`.
pub(super) fn installed_version(dpkg: &str) -> Option<&str> {
    dpkg.lines().find_map(|line| {
        let mut columns = line.split('|').map(str::trim);
        let (status, source) = (columns.next()?, columns.next()?);
        (status == "ii" && source == "qemu").then(|| columns.next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKPORT: &str = "1:10.0.2+ds-2+deb13u1~bpo12+1";
    const RELEASE: &str = "1:7.2+dfsg-7+deb12u18+b3";

    fn release() -> Vec<Offer> {
        offers(
            "qemu-system-x86 | 1:7.2+dfsg-7+deb12u18+b3 | http://deb.debian.org/debian bookworm/main amd64 Packages\n\
             qemu-system-x86 | 1:7.2+dfsg-7+deb12u15 | http://deb.debian.org/debian-security bookworm-security/main amd64 Packages\n\
             qemu | 1:7.2+dfsg-7+deb12u18 | http://deb.debian.org/debian bookworm/main Sources\n",
        )
    }

    fn with_backports(version: &str) -> Vec<Offer> {
        let line = format!(
            "qemu-system-x86 | {version} | http://deb.debian.org/debian bookworm-backports/main amd64 Packages"
        );
        [offers(&line), release()].concat()
    }

    #[test]
    fn madison_is_read_without_its_source_packages() {
        let suites: Vec<_> = release().into_iter().map(|offer| offer.suite).collect();
        assert_eq!(suites, ["bookworm", "bookworm-security"]);
    }

    #[test]
    fn madison_of_nothing_or_nonsense_offers_nothing() {
        assert_eq!(offers(""), []);
        assert_eq!(offers("N: Unable to locate package\n|||\na|b\n"), []);
    }

    #[test]
    fn a_bare_machine_takes_the_default() {
        assert_eq!(choose(None, &release()), Choice::Default);
        assert_eq!(choose(None, &with_backports(BACKPORT)), Choice::Default);
    }

    #[test]
    fn the_suite_of_the_installed_version_is_taken() {
        let backports = Choice::Suite("bookworm-backports".to_owned());
        assert_eq!(choose(Some(BACKPORT), &with_backports(BACKPORT)), backports);
        let main = Choice::Suite("bookworm".to_owned());
        assert_eq!(choose(Some(RELEASE), &with_backports(BACKPORT)), main);
    }

    #[test]
    fn a_backport_since_replaced_by_a_newer_one_still_means_backports() {
        let backports = Choice::Suite("bookworm-backports".to_owned());
        let newer = with_backports("1:10.1.0+ds-5~bpo12+1");
        assert_eq!(choose(Some(BACKPORT), &newer), backports);
    }

    #[test]
    fn a_backport_without_its_source_has_backports_added() {
        assert_eq!(choose(Some(BACKPORT), &release()), Choice::AddBackports);
    }

    #[test]
    fn an_old_release_version_is_left_to_apt() {
        assert_eq!(choose(Some("1:7.2+dfsg-7"), &release()), Choice::Default);
    }

    #[test]
    fn only_installed_packages_of_qemu_itself_count() {
        let dpkg = "un |qemu|\nii |edk2|2022.11-6\nrc |qemu|1:7.2\nii |qemu|1:10.0.2~bpo12+1\n";
        assert_eq!(installed_version(dpkg), Some("1:10.0.2~bpo12+1"));
        assert_eq!(installed_version("ii |edk2|2022.11-6\n"), None);
        assert_eq!(installed_version(""), None);
    }
}
