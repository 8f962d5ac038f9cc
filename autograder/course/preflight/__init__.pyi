# What other packages use; each name is imported when it is first asked for.
from .findings import Finding as Finding
from .findings import Findings as Findings
from .findings import digest_of as digest_of
from .findings import keep_findings as keep_findings
from .findings import kept_findings as kept_findings
from .reasons import instead_of as instead_of
