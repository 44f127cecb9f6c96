use super::*;

const FILE: &str = "head\n\n### C01 name\nThe reason is long enough.\n```text\nC01 name: b\n```\n\n### C02 name\n\
                    Depends on the kernel: older ones cannot.\n```text\nC02 name: x\nC02 name: y\n```\n";

fn report(mine: &str, netbsd: &str) -> Report {
    let freebsd = by_id("C01 name: a\nC02 name: a\n");
    let expected = freebsd.iter().collect();
    compare(
        &by_id(mine),
        &expected,
        &by_id(netbsd),
        &differences::parse(FILE).unwrap(),
    )
}

#[test]
fn a_documented_line_is_allowed_and_no_other() {
    let fine = report("C01 name: b\nC02 name: y\n", "C01 name: z\n");
    assert!(fine.verdict().is_ok());
    assert_eq!(fine.documented.len(), 2);
    let changed = report("C01 name: c\nC02 name: y\n", "C01 name: z\n");
    assert_eq!(changed.unexplained.len(), 1);
    assert!(changed.verdict().is_err());
}

#[test]
fn an_allowed_difference_that_now_holds_is_reported_unless_it_depends_on_the_kernel() {
    let report = report("C01 name: a\nC02 name: a\n", "");
    assert_eq!(report.freebsd, 2);
    assert_eq!(report.outdated, ["C01 now prints FreeBSD's line"]);
    assert!(report.verdict().is_err());
}

#[test]
fn a_line_of_netbsd_alone_needs_its_reason_too() {
    let with = report("C01 name: b\nC02 name: a\n", "C01 name: b\n");
    assert_eq!((with.freebsd, with.netbsd), (1, 1));
    assert!(with.verdict().is_ok());
    let without = report("C01 name: n\nC02 name: a\n", "C01 name: n\n");
    assert!(without.verdict().is_err());
}

#[test]
fn a_probe_that_printed_nothing_is_unexplained() {
    assert!(report("C01 name: b\n", "").verdict().is_err());
}

#[test]
fn an_entry_needs_a_line_and_a_reason() {
    assert!(differences::parse("\n### C01 name\nOnly a reason, and no line.\n").is_err());
    assert!(differences::parse("\n### C01 name\n```text\nC01 name: x\n```\n").is_err());
    assert!(
        differences::parse(
            "\n### C01 name\nA reason that is long enough.\n```text\nC02 name: x\n```\n"
        )
        .is_err()
    );
}
