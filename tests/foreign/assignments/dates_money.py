# %% [markdown]
# # Exact numbers and dates

# %%
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, ROUND_HALF_EVEN
from fractions import Fraction

# %% solution=true id="vat"
def add_vat(net, rate="0.19"):
    """The gross price as a Decimal with two places; net and rate are texts."""
    ### BEGIN SOLUTION
    return (Decimal(net) * (1 + Decimal(rate))).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    ### END SOLUTION


# %% grade=true points=1 id="vat-check"
assert add_vat("10.00") == Decimal("11.90")
assert isinstance(add_vat("1"), Decimal), "use Decimal"
assert str(add_vat("0.50", "0.10")) == "0.55"
assert sum(add_vat("0.10") for _ in range(10)) == Decimal("1.20")

# %% solution=true id="egypt"
def egyptian(fraction):
    """A fraction between 0 and 1 as a list of different Fractions 1/n that add up to it, the largest first."""
    ### BEGIN SOLUTION
    parts = []
    while fraction:
        n = -(-fraction.denominator // fraction.numerator)
        parts.append(Fraction(1, n))
        fraction -= parts[-1]
    return parts
    ### END SOLUTION


# %% wrong="egypt"
def egyptian(fraction):
    return [Fraction(1, fraction.denominator)] * fraction.numerator


# %% grade=true points=1 id="egypt-sum"
parts = egyptian(Fraction(4, 5))
assert sum(parts) == Fraction(4, 5)
assert all(p.numerator == 1 for p in parts)

# %% grade=true points=1 id="egypt-different"
assert egyptian(Fraction(4, 5)) == [Fraction(1, 2), Fraction(1, 4), Fraction(1, 20)]
assert egyptian(Fraction(1, 7)) == [Fraction(1, 7)]
### BEGIN HIDDEN TESTS
for n in range(2, 12):
    found = egyptian(Fraction(n - 1, n))
    assert sum(found) == Fraction(n - 1, n) and len(set(found)) == len(found)
### END HIDDEN TESTS

# %% solution=true id="workdays"
def workdays(first, last):
    """All days from Monday to Friday between two dates, both included, as a list."""
    ### BEGIN SOLUTION
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]
    ### END SOLUTION


# %% grade=true points=2 id="workdays-check"
days = workdays(date(2024, 2, 28), date(2024, 3, 4))
assert days == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 4)]
assert workdays(date(2024, 3, 2), date(2024, 3, 3)) == []
assert all(isinstance(day, date) for day in days)

# %% solution=true id="meeting"
def overlap(a, b):
    """The time that two meetings, pairs of datetimes with time zones, have in common, as a timedelta."""
    ### BEGIN SOLUTION
    start, end = max(a[0], b[0]), min(a[1], b[1])
    return max(end - start, timedelta(0))
    ### END SOLUTION


# %% grade=true points=2 id="meeting-check"
berlin, utc = timezone(timedelta(hours=1)), timezone.utc
a = datetime(2024, 1, 8, 10, tzinfo=berlin), datetime(2024, 1, 8, 12, tzinfo=berlin)
b = datetime(2024, 1, 8, 10, 30, tzinfo=utc), datetime(2024, 1, 8, 15, tzinfo=utc)
assert overlap(a, b) == timedelta(minutes=30)
assert overlap(a, a) == timedelta(hours=2)
c = (b[1], b[1] + timedelta(days=1))
assert overlap(a, c).total_seconds() == 0
