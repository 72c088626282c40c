# expect: ok
# tries: opens files by handle, past every directory
import ctypes

from held import FACTS, denied, held

space = ctypes.create_string_buffer(256)
denied("name_to_handle_at", -100, FACTS["secret"].encode(), space, space, 0)
denied("open_by_handle_at", -100, space, 0)
held()
