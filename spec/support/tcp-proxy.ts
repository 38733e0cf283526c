export { proxyBefore, type TcpProxy, tcpProxy } from '../../scripts/support/tcp-proxy.ts';
