"""`python -m generator.sandbox`: the practice server beside a site, which says nothing as long as all is well."""

import sys
from argparse import ArgumentParser

from generator.sandbox import command

parser = ArgumentParser("sandbox", description=command.HELP)
command.add_arguments(parser)
try:
    command.run(vars(parser.parse_args()), say=lambda _: None)
except command.UnusableError as error:
    sys.exit(str(error))
