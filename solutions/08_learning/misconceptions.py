"""Wrong answers that students really give in lesson 8: `<exercise>__<what went wrong>`, each with its sentence of help."""
