"""Who sits at the desk in these tests."""

from tests.admin.cast import desk, grocer, mara, olive, owners_desk
from tests.campaigns.cast import ada, standing

__all__ = ["ada", "desk", "grocer", "mara", "olive", "owners_desk", "standing"]
