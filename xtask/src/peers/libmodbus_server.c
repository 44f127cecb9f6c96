/* A Modbus TCP device by libmodbus, for the client under test: libmodbus_server PORT
 *
 * Unit 1, 300 points of each kind: coil n is n % 3 == 0, discrete input n is n % 2 == 1, input register n is 3 * n, holding register n is
 * 5 * n. Prints LISTENING once it can be connected to; serves one client after another until it is killed or 120 s have passed. */
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { POINTS = 300 };

int main(int argc, char **argv)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_t *context;
    modbus_mapping_t *points;
    int listener, n;

    alarm(120);
    context = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 502);
    points = modbus_mapping_new(POINTS, POINTS, POINTS, POINTS);
    if (context == NULL || points == NULL)
        return 1;
    for (n = 0; n < POINTS; n++) {
        points->tab_bits[n] = n % 3 == 0;
        points->tab_input_bits[n] = n % 2 == 1;
        points->tab_input_registers[n] = (uint16_t)(3 * n);
        points->tab_registers[n] = (uint16_t)(5 * n);
    }
    listener = modbus_tcp_listen(context, 4);
    if (listener == -1) {
        perror("modbus_tcp_listen");
        return 1;
    }
    puts("LISTENING");
    fflush(stdout);
    while (modbus_tcp_accept(context, &listener) != -1) {
        int length;
        while ((length = modbus_receive(context, query)) != -1)
            if (length > 0 && modbus_reply(context, query, length, points) == -1)
                break;
        modbus_close(context);
    }
    return 1;
}
