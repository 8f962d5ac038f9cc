"""Right answers of lesson 8 in other styles than the solution: `<exercise>__<style>`."""
