"""Commands on accounts."""

from __future__ import annotations

import argparse
import getpass
import sys
import warnings

from indexer.terminal import FrenchParser, say
from search_app.commands.wiring import AddCommand, Wiring


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    user = command("user", cmd_user_add, "gère les comptes")
    users = user.add_subparsers(
        title="commandes", metavar="COMMANDE", parser_class=FrenchParser, required=True, dest="action"
    )
    sub = users.add_parser("add", help="crée un compte", description="Crée un compte.")
    sub.add_argument("email", metavar="EMAIL")
    sub.add_argument("--role", choices=("member", "staff"), required=True)
    sub.add_argument("--password-stdin", action="store_true", help="lit le mot de passe sur l’entrée standard")


def cmd_user_add(wiring: Wiring, args: argparse.Namespace) -> int:
    """Add an account."""
    from search_app.accounts import Accounts

    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                password, again = getpass.getpass("Mot de passe : "), getpass.getpass("Encore une fois : ")
        except (EOFError, getpass.GetPassWarning):
            say("Aucun terminal pour demander le mot de passe : passez-le sur l’entrée standard, --password-stdin.")
            return 1
        if again != password:
            say("Les deux mots de passe diffèrent : recommencez.")
            return 1
    account = Accounts(wiring.settings.data / "accounts.sqlite").add(args.email, args.role, password)
    print(f"Compte créé : {account.email} ({account.role}).")
    return 0
