# %% [markdown]
# # A bank
# Every class here builds on the one before.

# %% solution=true id="errors"
### BEGIN SOLUTION
class BankError(Exception):
    pass


class InsufficientFunds(BankError):
    def __init__(self, needed):
        super().__init__(f"{needed:.2f} more needed")
        self.needed = needed


### END SOLUTION

# %% grade=true points=1 id="errors_test"
assert issubclass(InsufficientFunds, BankError)
assert issubclass(BankError, Exception) and BankError is not Exception
e = InsufficientFunds(12.5)
assert e.needed == 12.5
assert str(e) == "12.50 more needed"

# %% solution=true id="account"
class Account:
    """An account with an owner, a balance and a history of amounts."""

    bank = "Notebook Savings"

    def __init__(self, owner, balance=0):
        ### BEGIN SOLUTION
        self.owner = owner
        self._balance = balance
        self.history = []
        ### END SOLUTION

    ### BEGIN SOLUTION
    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("deposit something")
        self._balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        if amount > self._balance:
            raise InsufficientFunds(amount - self._balance)
        self._balance -= amount
        self.history.append(-amount)

    def __str__(self):
        return f"{self.owner}: {self._balance:.2f}"

    ### END SOLUTION


# %% wrong="account"
class Account:
    bank = "Notebook Savings"

    def __init__(self, owner, balance=0):
        self.owner, self.balance, self.history = owner, balance, []

    def deposit(self, amount):
        self.balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        self.balance -= amount
        self.history.append(-amount)

    def __str__(self):
        return f"{self.owner}: {self.balance:.2f}"


# %% grade=true points=1 id="account_1"
acc = Account("Zoe", 100)
acc.deposit(50)
assert acc.balance == 150
assert Account.bank == acc.bank == "Notebook Savings"

# %% grade=true points=1 id="account_2"
# goes on with the account from above
acc.withdraw(30.5)
assert acc.balance == 119.5, f"balance is {acc.balance}"
assert acc.history == [50, -30.5]
assert str(acc) == "Zoe: 119.50"

# %% grade=true points=2 id="account_3"
try:
    acc.withdraw(1000)
except InsufficientFunds as error:
    assert abs(error.needed - 880.5) < 1e-9
else:
    raise AssertionError("withdraw should raise InsufficientFunds")
assert acc.balance == 119.5, "nothing should be withdrawn"
### BEGIN HIDDEN TESTS
try:
    acc.deposit(-5)
except ValueError:
    pass
else:
    assert False
try:
    acc.balance = 10**6
    assert False, "balance should be read-only"
except AttributeError:
    pass
### END HIDDEN TESTS

# %% solution=true id="savings"
### BEGIN SOLUTION
class SavingsAccount(Account):
    def __init__(self, owner, balance=0, rate=0.02):
        super().__init__(owner, balance)
        self.rate = rate

    def add_interest(self):
        self.deposit(self.balance * self.rate)


### END SOLUTION

# %% grade=true points=2 id="savings_test"
savings = SavingsAccount("Yan", 1000, rate=0.05)
savings.add_interest()
assert isinstance(savings, Account)
assert round(savings.balance, 2) == 1050
savings.withdraw(50)
assert savings.history == [50, -50] or savings.history == [50.0, -50]

# %% solution=true id="transfer"
def transfer(source, target, amount):
    """Moves an amount; raises what withdraw raises, and then neither account changes."""
    ### BEGIN SOLUTION
    source.withdraw(amount)
    target.deposit(amount)
    ### END SOLUTION


# %% grade=true points=2 id="transfer_test"
a, b = Account("A", 10), Account("B")
transfer(a, b, 4)
assert (a.balance, b.balance) == (6, 4)
try:
    transfer(a, b, 100)
    assert False, "should raise"
except BankError:
    assert (a.balance, b.balance) == (6, 4)
