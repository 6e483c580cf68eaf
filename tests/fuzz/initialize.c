#include <json-c/json.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* json-c's own hash is seeded anew in each process: the same inputs would take other ways. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
}
