/* A libmodbus client against the device under test: libmodbus_client PORT
 *
 * Every function that libmodbus has for TCP, at both ends of the ranges, and the exceptions. Prints how many answers were right; ends with a
 * message and status 1 at the first one that is not. All points are zero at first. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int answers;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void count(const char *what, int got, int wanted)
{
    if (got == -1)
        fail(what, modbus_strerror(errno));
    if (got != wanted)
        fail(what, "another number of values than were asked for");
    answers++;
}

static void same(const char *what, int got, int wanted)
{
    if (got != wanted) {
        fprintf(stderr, "%s: got %d, expected %d\n", what, got, wanted);
        exit(1);
    }
    answers++;
}

static void refused(const char *what, int got, int error)
{
    if (got != -1)
        fail(what, "was not refused");
    if (errno != error)
        fail(what, modbus_strerror(errno));
    answers++;
}

int main(int argc, char **argv)
{
    uint8_t bits[MODBUS_MAX_READ_BITS], pattern[MODBUS_MAX_WRITE_BITS];
    uint16_t words[MODBUS_MAX_READ_REGISTERS], values[MODBUS_MAX_WRITE_REGISTERS];
    modbus_t *context = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 502);
    int n;

    modbus_set_slave(context, 1);
    modbus_set_response_timeout(context, 5, 0);
    if (modbus_connect(context) == -1)
        fail("connect", modbus_strerror(errno));

    count("coils", modbus_read_bits(context, 0, MODBUS_MAX_READ_BITS, bits), MODBUS_MAX_READ_BITS);
    count("inputs", modbus_read_input_bits(context, 65535, 1, bits), 1);
    count("input registers", modbus_read_input_registers(context, 65411, 125, words), 125);
    count("registers", modbus_read_registers(context, 0, 125, words), 125);
    same("the last register", words[124], 0);

    count("write coil", modbus_write_bit(context, 65535, 1), 1);
    count("coil", modbus_read_bits(context, 65535, 1, bits), 1);
    same("coil", bits[0], 1);
    for (n = 0; n < MODBUS_MAX_WRITE_BITS; n++)
        pattern[n] = n % 7 == 0;
    count("write coils", modbus_write_bits(context, 100, MODBUS_MAX_WRITE_BITS, pattern), MODBUS_MAX_WRITE_BITS);
    count("coils", modbus_read_bits(context, 100, MODBUS_MAX_WRITE_BITS, bits), MODBUS_MAX_WRITE_BITS);
    same("coils", memcmp(bits, pattern, MODBUS_MAX_WRITE_BITS), 0);

    count("write register", modbus_write_register(context, 9, 0xBEEF), 1);
    for (n = 0; n < MODBUS_MAX_WRITE_REGISTERS; n++)
        values[n] = (uint16_t)(n * 521);
    count("write registers", modbus_write_registers(context, 200, MODBUS_MAX_WRITE_REGISTERS, values), MODBUS_MAX_WRITE_REGISTERS);
    count("registers", modbus_read_registers(context, 200, MODBUS_MAX_WRITE_REGISTERS, words), MODBUS_MAX_WRITE_REGISTERS);
    same("registers", memcmp(words, values, sizeof values), 0);
    count("mask write", modbus_mask_write_register(context, 9, 0xFF00, 0x0042), 1);
    count("register", modbus_read_registers(context, 9, 1, words), 1);
    same("masked register", words[0], 0xBE42);
    count("write and read", modbus_write_and_read_registers(context, 10, 2, values + 1, 9, 3, words), 3);
    same("written before it was read", words[2], values[2]);

    refused("beyond the last register", modbus_read_registers(context, 65535, 2, words), EMBXILADD);
    refused("beyond the last coil", modbus_write_bits(context, 65535, 2, pattern), EMBXILADD);
    count("the connection goes on", modbus_read_registers(context, 9, 1, words), 1);

    modbus_close(context);
    printf("%d answers\n", answers);
    return 0;
}
