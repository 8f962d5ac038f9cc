# What other packages use; each name is imported when it is first asked for.
from .mutants import mutations as mutations
from .proof import Figures as Figures
from .proof import Proof as Proof
from .proof import prove_all as prove_all
