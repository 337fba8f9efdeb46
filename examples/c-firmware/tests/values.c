/* Values there and back, references, exceptions, figures. */
#include "check.h"

static int same_int(ts_vm *vm, int64_t number)
{
    ts_value value;
    int64_t back = ~number;
    return ts_new_int(vm, number, &value) == TS_OK && ts_type_of(value) == TS_TYPE_INT &&
           ts_get_int(vm, value, &back) == TS_OK && back == number;
}

static void numbers(ts_vm *vm)
{
    static const int64_t ints[] = {0, 1, -1, 1 << 29, -(1 << 29), (1 << 30) - 1, 1 << 30, -(1 << 30), INT32_MAX, INT32_MIN,
                                   UINT32_MAX, (int64_t)1 << 61, ((int64_t)1 << 62) - 1, (int64_t)1 << 62,
                                   -((int64_t)1 << 62) - 1, INT64_MAX, INT64_MIN};
    ts_value value;
    int64_t number;
    double real;
    int32_t truth;
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++)
    {
        CHECK(same_int(vm, ints[i]));
    }
    IS(ts_eval(vm, "1 << 63", 7, &value), TS_OK);
    IS(ts_get_int(vm, value, &number), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_OVERFLOW_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_get_int(vm, ts_bool(5), &number), TS_OK);
    CHECK(number == 1);
    IS(ts_get_int(vm, ts_none(), &number), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_TYPE_ERROR));
    CHECK(!ts_exception_is(vm, TS_VALUE_ERROR));
    CHECK(!ts_exception_is(vm, 1000));
    IS(ts_exception_clear(vm), TS_OK);

    IS(ts_new_float(vm, 2.5, &value), TS_OK);
    IS(ts_type_of(value), TS_TYPE_FLOAT);
    IS(ts_get_float(vm, value, &real), TS_OK);
    CHECK(real == 2.5);
    IS(ts_get_float(vm, ts_bool(1), &real), TS_OK);
    CHECK(real == 1.0);
    IS(ts_get_bool(vm, value, &truth), TS_OK);
    CHECK(truth == 1);
    IS(ts_get_bool(vm, ts_none(), &truth), TS_OK);
    CHECK(truth == 0);
    IS(ts_new_int(vm, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_int(vm, ts_bool(1), NULL), TS_BAD_ARGUMENT);

    static const ts_value nothing[2];
    IS(ts_type_of(nothing[0]), -1);
    IS(ts_get_int(vm, nothing[0], &number), TS_BAD_ARGUMENT);
    IS(ts_set_global(vm, "nothing", nothing[0]), TS_BAD_ARGUMENT);
    IS(ts_new_list(vm, nothing, 2, &value), TS_BAD_ARGUMENT);
    IS(ts_call(vm, nothing[0], NULL, 0, NULL), TS_BAD_ARGUMENT);
}

static void texts(ts_vm *vm)
{
    ts_value value, other;
    const char *text;
    const uint8_t *bytes;
    size_t len;
    IS(ts_new_str(vm, "na\xc3\xafve\0!", 8, &value), TS_OK);
    IS(ts_type_of(value), TS_TYPE_STR);
    IS(ts_get_str(vm, value, &text, &len), TS_OK);
    CHECK(len == 8 && memcmp(text, "na\xc3\xafve\0!", 8) == 0);
    IS(ts_new_str(vm, NULL, 0, &value), TS_OK);
    IS(ts_get_str(vm, value, &text, &len), TS_OK);
    CHECK(len == 0);
    IS(ts_new_str(vm, "\xff", 1, &value), TS_BAD_ARGUMENT);
    IS(ts_new_str(vm, NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_get_str(vm, value, NULL, &len), TS_BAD_ARGUMENT);
    IS(ts_get_str(vm, value, &text, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_bytes(vm, (const uint8_t *)"\0\xff", 2, &other), TS_OK);
    IS(ts_type_of(other), TS_TYPE_BYTES);
    IS(ts_get_bytes(vm, other, &bytes, &len), TS_OK);
    CHECK(len == 2 && bytes[1] == 0xff);
    IS(ts_get_bytes(vm, value, &bytes, &len), TS_RAISED);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_get_str(vm, other, &text, &len), TS_RAISED);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_str(vm, ts_none(), 1, &value), TS_OK);
    IS(ts_get_str(vm, value, &text, &len), TS_OK);
    CHECK(len == 4 && memcmp(text, "None", 4) == 0);
}

static void containers(ts_vm *vm)
{
    ts_value items[3], list, dict, value;
    int64_t number;
    size_t len;
    for (int i = 0; i < 3; i++)
    {
        IS(ts_new_int(vm, 10 + i, &items[i]), TS_OK);
    }
    IS(ts_new_list(vm, items, 3, &list), TS_OK);
    IS(ts_type_of(list), TS_TYPE_LIST);
    IS(ts_len(vm, list, &len), TS_OK);
    CHECK(len == 3);
    IS(ts_new_int(vm, -1, &value), TS_OK);
    IS(ts_get_item(vm, list, value, &value), TS_OK);
    IS(ts_get_int(vm, value, &number), TS_OK);
    CHECK(number == 12);
    IS(ts_set_item(vm, list, ts_bool(0), ts_none()), TS_OK);
    IS(ts_call_method(vm, list, "append", items, 1, NULL), TS_OK);
    IS(ts_len(vm, list, &len), TS_OK);
    CHECK(len == 4);
    IS(ts_get_item(vm, list, items[0], &value), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_INDEX_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_new_tuple(vm, items, 2, &value), TS_OK);
    IS(ts_type_of(value), TS_TYPE_TUPLE);
    IS(ts_new_tuple(vm, NULL, 2, &value), TS_BAD_ARGUMENT);
    IS(ts_new_dict(vm, &dict), TS_OK);
    IS(ts_type_of(dict), TS_TYPE_DICT);
    IS(ts_set_item(vm, dict, items[0], list), TS_OK);
    IS(ts_get_item(vm, dict, items[0], &value), TS_OK);
    CHECK(value.word == list.word);
    IS(ts_set_item(vm, dict, list, list), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_TYPE_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
}

static void globals_attributes_and_calls(ts_vm *vm)
{
    static const char program[] = "def add(a, b):\n    return a + b\nclass A:\n    pass\n";
    ts_value add, args[2], value, object;
    int64_t number;
    IS(ts_exec_string(vm, "test.py", program, sizeof program - 1), TS_OK);
    IS(ts_get_global(vm, "add", &add), TS_OK);
    IS(ts_new_int(vm, 40, &args[0]), TS_OK);
    IS(ts_new_int(vm, 2, &args[1]), TS_OK);
    IS(ts_call(vm, add, args, 2, &value), TS_OK);
    IS(ts_get_int(vm, value, &number), TS_OK);
    CHECK(number == 42);
    IS(ts_call(vm, add, args, 2, NULL), TS_OK);
    IS(ts_call(vm, add, args, 1, &value), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_TYPE_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_call(vm, ts_none(), NULL, 0, &value), TS_RAISED);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_eval(vm, "A()", 3, &object), TS_OK);
    IS(ts_type_of(object), TS_TYPE_OTHER);
    IS(ts_set_attr(vm, object, "x", args[1]), TS_OK);
    IS(ts_get_attr(vm, object, "x", &value), TS_OK);
    CHECK(value.word == args[1].word);
    IS(ts_get_attr(vm, object, "y", &value), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_ATTRIBUTE_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_get_attr(vm, object, NULL, &value), TS_BAD_ARGUMENT);
    IS(ts_set_global(vm, "given", args[0]), TS_OK);
    IS(ts_eval(vm, "given + 1", 9, &value), TS_OK);
    IS(ts_get_int(vm, value, &number), TS_OK);
    CHECK(number == 41);
    IS(ts_eval(vm, "1 +", 3, &value), TS_RAISED);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_get_global(vm, "nothing", &value), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_NAME_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_import(vm, "sys", &value), TS_OK);
    IS(ts_get_attr(vm, value, "platform", &value), TS_OK);
    IS(ts_import(vm, "nothing", &value), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_IMPORT_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_exec_file(vm, "nothing.py"), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_OS_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
}

static void references_keep_values(ts_vm *vm)
{
    ts_ref refs[3];
    ts_value value;
    size_t len;
    for (int i = 0; i < 3; i++)
    {
        IS(ts_new_list(vm, NULL, 0, &value), TS_OK);
        IS(ts_ref_new(vm, value, &refs[i]), TS_OK);
        CHECK(refs[i] != 0);
    }
    value = ts_none();
    IS(ts_collect(vm), TS_OK);
    IS(ts_exec_string(vm, "test.py", "for i in range(300):\n    l = [i, [i]]\n", 38), TS_OK);
    IS(ts_collect(vm), TS_OK);
    IS(ts_ref_get(vm, refs[1], &value), TS_OK);
    IS(ts_len(vm, value, &len), TS_OK);
    CHECK(len == 0);
    IS(ts_ref_free(vm, refs[1]), TS_OK);
    IS(ts_ref_free(vm, refs[1]), TS_BAD_ARGUMENT);
    IS(ts_ref_get(vm, refs[1], &value), TS_BAD_ARGUMENT);
    IS(ts_ref_get(vm, 0, &value), TS_BAD_ARGUMENT);
    IS(ts_ref_get(vm, 1000000, &value), TS_BAD_ARGUMENT);
    IS(ts_ref_new(vm, value, NULL), TS_BAD_ARGUMENT);
    IS(ts_ref_free(vm, refs[0]), TS_OK);
    IS(ts_ref_free(vm, refs[2]), TS_OK);
}

static void exceptions(ts_vm *vm)
{
    ts_value exception, value;
    const char *text;
    size_t len;
    IS(ts_exception_take(vm, &exception), TS_BAD_ARGUMENT);
    IS(ts_exception_print(vm), TS_BAD_ARGUMENT);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_raise(vm, 1000, "", 0), TS_BAD_ARGUMENT);
    IS(ts_raise(vm, TS_VALUE_ERROR, "\xff", 1), TS_BAD_ARGUMENT);
    IS(ts_raise_value(vm, ts_none()), TS_BAD_ARGUMENT);
    IS(ts_raise(vm, TS_KEY_ERROR, "why", 3), TS_RAISED);
    IS(ts_raise(vm, TS_VALUE_ERROR, "again", 5), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_KEY_ERROR));
    CHECK(ts_exception_is(vm, TS_BASE_EXCEPTION));
    IS(ts_exception_take(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_exception_take(vm, &exception), TS_OK);
    IS(ts_get_attr(vm, exception, "args", &value), TS_OK);
    IS(ts_get_item(vm, value, ts_bool(0), &value), TS_OK);
    IS(ts_get_str(vm, value, &text, &len), TS_OK);
    CHECK(len == 3 && memcmp(text, "why", 3) == 0);
    IS(ts_raise_value(vm, exception), TS_RAISED);
    console_clear();
    IS(ts_exception_print(vm), TS_OK);
    CHECK(console_has("KeyError"));
    IS(ts_raise_os_error(vm, 5), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_OS_ERROR));
    IS(ts_exception_clear(vm), TS_OK);
}

static void figures(ts_vm *vm)
{
    ts_stats stats = {.size = 4};
    IS(ts_get_stats(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_stats(vm, &stats), TS_BAD_ARGUMENT);
    stats.size = sizeof stats;
    IS(ts_get_stats(vm, &stats), TS_OK);
    CHECK(stats.heap_total > 100 * 1024 && stats.heap_total < MEMORY_BYTES);
    CHECK(stats.heap_used > 0 && stats.heap_used < stats.heap_total);
    CHECK(stats.heap_largest_free <= stats.heap_total - stats.heap_used);
    CHECK(stats.n_objects > 0 && stats.collections > 0 && stats.n_tasks == 1);
    CHECK(stats.stack_unused > 0 && stats.stack_unused < 25 * 1024);
}

static ts_status all(ts_vm *vm, void *argument)
{
    (void)argument;
    numbers(vm);
    texts(vm);
    containers(vm);
    globals_attributes_and_calls(vm);
    references_keep_values(vm);
    exceptions(vm);
    figures(vm);
    return TS_OK;
}

void test_values(void)
{
    start_a(all, NULL);
    IS(end_a(), TS_OK);
}
